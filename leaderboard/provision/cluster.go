package provision

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"golang.org/x/sync/errgroup"
)

// iterations of SCRAM: the least that Kafka takes. The passwords have 160 bits of their own.
const iterations = 4096

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

func (c *cluster) createTopic(ctx context.Context, t workshop.Topic) error {
	configs := make(map[string]*string, len(t.Configs))
	for name, value := range t.Configs {
		configs[name] = &value
	}
	_, err := c.adm.CreateTopic(ctx, int32(t.Partitions), -1, configs, t.Name)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("make topic %s: %w", t.Name, err)
	}
	return nil
}

// knownUsers are those with a SCRAM-SHA-256 credential as we would make it, as far as that can be read.
func (c *cluster) knownUsers(ctx context.Context, users []string) (map[string]bool, error) {
	described, err := c.adm.DescribeUserSCRAMs(ctx, users...)
	if err != nil {
		return nil, fmt.Errorf("look for the users: %w", adminOnly(err))
	}
	known := map[string]bool{}
	for _, d := range described {
		if d.Err != nil && !errors.Is(d.Err, kerr.ResourceNotFound) {
			return nil, fmt.Errorf("look for user %s: %w", d.User, d.Err)
		}
		for _, info := range d.CredInfos {
			known[d.User] = known[d.User] || info.Mechanism == kadm.ScramSha256
		}
	}
	return known, nil
}

// staleUsers are those who cannot log in with the password that is theirs: credentials can't be read
// back, so each known user's is tried.
func (c *cluster) staleUsers(ctx context.Context, users []string) ([]string, error) {
	known, err := c.knownUsers(ctx, users)
	if err != nil {
		return nil, err
	}
	good := make([]bool, len(users))
	var tries errgroup.Group
	tries.SetLimit(8)
	for i, user := range users {
		if !known[user] {
			continue
		}
		tries.Go(func() (err error) {
			good[i], err = c.logsIn(ctx, user)
			return err
		})
	}
	if err := tries.Wait(); err != nil {
		return nil, err
	}
	var stale []string
	for i, user := range users {
		if !good[i] {
			stale = append(stale, user)
		}
	}
	return stale, nil
}

func (c *cluster) logsIn(ctx context.Context, user string) (bool, error) {
	cfg := c.cfg
	cfg.Username, cfg.Password, cfg.SASL = user, workshop.Secret(c.password(user)), "SCRAM-SHA-256"
	opts, err := cfg.Opts("leaderboard-provision", nil)
	if err != nil {
		return false, err
	}
	client, err := kgo.NewClient(append(opts, kgo.RequestRetries(0))...)
	if err != nil {
		return false, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = client.Ping(ctx)
	// Some brokers hang up on a wrong password instead of saying so. Setting one anew does no harm.
	if errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("try user %s: %w", user, err)
	}
	return true, nil
}

// putUsers makes credentials or replaces them. The salt is derived as well, so that making one that is
// there already leaves it as it was.
func (c *cluster) putUsers(ctx context.Context, users []string) error {
	puts := make([]kadm.UpsertSCRAM, 0, len(users))
	for _, user := range users {
		salt := c.secret.Salt(user)
		salted, err := pbkdf2.Key(sha256.New, c.password(user), salt, iterations, sha256.Size)
		if err != nil {
			return fmt.Errorf("password of user %s: %w", user, err)
		}
		puts = append(puts, kadm.UpsertSCRAM{User: user, Mechanism: kadm.ScramSha256, Iterations: iterations, Salt: salt, SaltedPassword: salted})
	}
	return c.alterUsers(ctx, nil, puts)
}

func (c *cluster) dropUsers(ctx context.Context, users []string) error {
	var drops []kadm.DeleteSCRAM
	for _, user := range users {
		drops = append(drops, kadm.DeleteSCRAM{User: user, Mechanism: kadm.ScramSha256})
	}
	return c.alterUsers(ctx, drops, nil)
}

func (c *cluster) alterUsers(ctx context.Context, drops []kadm.DeleteSCRAM, puts []kadm.UpsertSCRAM) error {
	if len(drops)+len(puts) == 0 {
		return nil
	}
	altered, err := c.adm.AlterUserSCRAMs(ctx, drops, puts)
	if err != nil {
		return fmt.Errorf("change the users: %w", adminOnly(err))
	}
	for _, a := range altered.Sorted() {
		if a.Err != nil && !errors.Is(a.Err, kerr.ResourceNotFound) {
			return fmt.Errorf("change user %s: %w %s", a.User, adminOnly(a.Err), a.ErrMessage)
		}
	}
	return nil
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
