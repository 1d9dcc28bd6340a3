package provision

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// aclTypes are the resource types of ACLs. They are described one by one, which limits the responses: a team has four ACLs on
// topics, and three on everything else.
var aclTypes = []kmsg.ACLResourceType{
	topic, group, txnID, kmsg.ACLResourceTypeCluster, kmsg.ACLResourceTypeDelegationToken, kmsg.ACLResourceTypeUser,
}

// describeACLs returns the ACLs that allow these users an operation from any host. It does not return the ACLs of User:*.
func (c *cluster) describeACLs(ctx context.Context, users []string) ([]acl, error) {
	ours := make(map[string]bool, len(users))
	for _, user := range users {
		ours["User:"+user] = true
	}

	var out []acl
	for _, kind := range aclTypes {
		found, err := c.describeACLsOf(ctx, kind, ours)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// describeACLsOf returns the principals' ACLs on one resource type.
func (c *cluster) describeACLsOf(ctx context.Context, kind kmsg.ACLResourceType, principals map[string]bool) ([]acl, error) {
	req := kmsg.NewPtrDescribeACLsRequest()
	req.ResourceType = kind
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
			if principals[found.Principal] && found.Host == "*" && found.PermissionType == kmsg.ACLPermissionTypeAllow {
				user := strings.TrimPrefix(found.Principal, "User:")
				out = append(out, acl{user, res.ResourceType, res.ResourceName, res.ResourcePatternType, found.Operation})
			}
		}
	}
	return out, nil
}

func (c *cluster) createACLs(ctx context.Context, acls []acl) error {
	req := kmsg.NewPtrCreateACLsRequest()
	for _, r := range acls {
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
			return fmt.Errorf("create the ACL %q: %w", acls[min(i, len(acls)-1)].String(), err)
		}
	}
	return nil
}

func (c *cluster) deleteACLs(ctx context.Context, acls []acl) error {
	req := kmsg.NewPtrDeleteACLsRequest()
	for _, r := range acls {
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
			return fmt.Errorf("delete the ACL %q: %w", acls[min(i, len(acls)-1)].String(), err)
		}
	}
	return nil
}
