package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A cluster is an administrator's view of the brokers.
type cluster struct {
	cfg    kafka.Config
	client *kgo.Client
	adm    *kadm.Client
	secret workshop.Secret
}

func (c *cluster) password(user string) string { return string(c.secret.Password(user)) }

// missingTopics are those of the plan that are not there. One that is there is used as it is; notes
// say where it differs from what the lesson is written for.
func (c *cluster) missingTopics(ctx context.Context, want []workshop.Topic) (missing []workshop.Topic, notes []string, err error) {
	names := make([]string, len(want))
	for i, t := range want {
		names[i] = t.Name
	}
	have, err := c.adm.ListTopics(ctx, names...)
	if err != nil {
		return nil, nil, fmt.Errorf("look for the topics: %w", err)
	}
	for _, t := range want {
		found := have[t.Name]
		switch {
		case errors.Is(found.Err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case found.Err != nil:
			return nil, nil, fmt.Errorf("look for topic %s: %w", t.Name, found.Err)
		case len(found.Partitions) != t.Partitions:
			notes = append(notes, fmt.Sprintf("topic %s has %d partitions, the lesson is written for %d", t.Name, len(found.Partitions), t.Partitions))
		}
	}
	return missing, notes, nil
}

// rights are all that these users have, from every host, beside what is said for everybody.
func (c *cluster) rights(ctx context.Context, users []string) ([]right, error) {
	req := kmsg.NewPtrDescribeACLsRequest()
	req.ResourceType, req.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
	req.Operation, req.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	resp, err := req.RequestWith(ctx, c.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the rights: %w", adminOnly(err))
	}
	var out []right
	for _, res := range resp.Resources {
		for _, acl := range res.ACLs {
			user, ok := strings.CutPrefix(acl.Principal, "User:")
			if ok && slices.Contains(users, user) && acl.Host == "*" && acl.PermissionType == kmsg.ACLPermissionTypeAllow {
				out = append(out, right{user, res.ResourceType, res.ResourceName, res.ResourcePatternType, acl.Operation})
			}
		}
	}
	return out, nil
}

func (c *cluster) grant(ctx context.Context, rights []right) error {
	for some := range slices.Chunk(rights, 500) {
		req := kmsg.NewPtrCreateACLsRequest()
		for _, r := range some {
			acl := kmsg.NewCreateACLsRequestCreation()
			acl.ResourceType, acl.ResourceName, acl.ResourcePatternType = r.kind, r.name, r.pattern
			acl.Principal, acl.Host, acl.Operation, acl.PermissionType = "User:"+r.user, "*", r.do, kmsg.ACLPermissionTypeAllow
			req.Creations = append(req.Creations, acl)
		}
		resp, err := req.RequestWith(ctx, c.client)
		if err != nil {
			return fmt.Errorf("give rights: %w", adminOnly(err))
		}
		for i, res := range resp.Results {
			if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
				return fmt.Errorf("give the right that %s: %w", some[min(i, len(some)-1)], adminOnly(err))
			}
		}
	}
	return nil
}

func (c *cluster) revoke(ctx context.Context, rights []right) error {
	for some := range slices.Chunk(rights, 500) {
		req := kmsg.NewPtrDeleteACLsRequest()
		for _, r := range some {
			f := kmsg.NewDeleteACLsRequestFilter()
			principal, host := "User:"+r.user, "*"
			f.ResourceType, f.ResourceName, f.ResourcePatternType = r.kind, &r.name, r.pattern
			f.Principal, f.Host, f.Operation, f.PermissionType = &principal, &host, r.do, kmsg.ACLPermissionTypeAllow
			req.Filters = append(req.Filters, f)
		}
		resp, err := req.RequestWith(ctx, c.client)
		if err != nil {
			return fmt.Errorf("take rights away: %w", adminOnly(err))
		}
		for i, res := range resp.Results {
			if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
				return fmt.Errorf("take the right away that %s: %w", some[min(i, len(some)-1)], adminOnly(err))
			}
		}
	}
	return nil
}

func (c *cluster) dropTopics(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	dropped, err := c.adm.DeleteTopics(ctx, names...)
	if err != nil {
		return fmt.Errorf("delete the topics: %w", err)
	}
	sorted := dropped.Sorted()
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Topic < sorted[j].Topic })
	for _, d := range sorted {
		if d.Err != nil && !errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
			return fmt.Errorf("delete topic %s: %w", d.Topic, d.Err)
		}
	}
	return nil
}

// adminOnly says what to do about a refusal.
func adminOnly(err error) error {
	var auth *kadm.AuthError
	switch {
	case errors.Is(err, kerr.ClusterAuthorizationFailed), errors.As(err, &auth):
		return fmt.Errorf("%w: log in as an administrator of the cluster (--username, KAFKA_PASSWORD, or --env FILE)", err)
	case errors.Is(err, kerr.SecurityDisabled):
		return fmt.Errorf("%w: this cluster has no authorizer, so that rights mean nothing: start it secured (go run ./deploy/kafka --secure)", err)
	}
	return err
}
