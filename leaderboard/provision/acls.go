package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// describeACLs returns the ACLs that allow these users something from every host. ACLs of User:* are not included.
func (c *cluster) describeACLs(ctx context.Context, users []string) ([]acl, error) {
	req := kmsg.NewPtrDescribeACLsRequest()
	req.ResourceType = kmsg.ACLResourceTypeAny
	req.ResourcePatternType = kmsg.ACLResourcePatternTypeAny
	req.Operation = kmsg.ACLOperationAny
	req.PermissionType = kmsg.ACLPermissionTypeAny
	resp, err := req.RequestWith(ctx, c.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return nil, fmt.Errorf("describe ACLs: %w", err)
	}

	var out []acl
	for _, res := range resp.Resources {
		for _, found := range res.ACLs {
			user, ok := strings.CutPrefix(found.Principal, "User:")
			if ok && slices.Contains(users, user) && found.Host == "*" && found.PermissionType == kmsg.ACLPermissionTypeAllow {
				out = append(out, acl{user, res.ResourceType, res.ResourceName, res.ResourcePatternType, found.Operation})
			}
		}
	}

	return out, nil
}

func (c *cluster) createACLs(ctx context.Context, acls []acl) error {
	for chunk := range slices.Chunk(acls, 500) {
		req := kmsg.NewPtrCreateACLsRequest()
		for _, r := range chunk {
			acl := kmsg.NewCreateACLsRequestCreation()
			acl.ResourceType = r.kind
			acl.ResourceName = r.name
			acl.ResourcePatternType = r.pattern
			acl.Principal = "User:" + r.user
			acl.Host = "*"
			acl.Operation = r.do
			acl.PermissionType = kmsg.ACLPermissionTypeAllow
			req.Creations = append(req.Creations, acl)
		}

		resp, err := req.RequestWith(ctx, c.client)
		if err != nil {
			return fmt.Errorf("create ACLs: %w", err)
		}

		for i, res := range resp.Results {
			if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
				return fmt.Errorf("create the ACL %q: %w", chunk[min(i, len(chunk)-1)].String(), err)
			}
		}
	}
	return nil
}

func (c *cluster) deleteACLs(ctx context.Context, acls []acl) error {
	for chunk := range slices.Chunk(acls, 500) {
		req := kmsg.NewPtrDeleteACLsRequest()
		for _, r := range chunk {
			f := kmsg.NewDeleteACLsRequestFilter()
			principal, host := "User:"+r.user, "*"
			f.ResourceType = r.kind
			f.ResourceName = &r.name
			f.ResourcePatternType = r.pattern
			f.Principal = &principal
			f.Host = &host
			f.Operation = r.do
			f.PermissionType = kmsg.ACLPermissionTypeAllow
			req.Filters = append(req.Filters, f)
		}

		resp, err := req.RequestWith(ctx, c.client)
		if err != nil {
			return fmt.Errorf("delete ACLs: %w", err)
		}

		for i, res := range resp.Results {
			if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
				return fmt.Errorf("delete the ACL %q: %w", chunk[min(i, len(chunk)-1)].String(), err)
			}
		}
	}
	return nil
}
