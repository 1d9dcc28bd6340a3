package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrNoShareGroups reports a cluster whose groups have no settings: it is older than share groups.
var ErrNoShareGroups = errors.New("this cluster has no share groups, which --lesson queues needs: they come with Apache Kafka 4.2, and with the broker of go run ./deploy/local")

// groupsError adds the action that failed and the group to an error about the settings of groups.
func groupsError(doing, group string, err error) error {
	if errors.Is(err, kerr.InvalidRequest) || Unsupported(err) { // groups have no settings on this cluster
		return ErrNoShareGroups
	}
	return fmt.Errorf("%s the settings of group %s: %w", doing, group, err)
}

// groupBatch is how many groups one request describes or changes.
const groupBatch = 100

// OutdatedGroups returns the groups whose settings differ from those in configs. A group need not exist to have settings.
func OutdatedGroups(ctx context.Context, client *kgo.Client, groups []string, configs map[string]string) ([]string, error) {
	var outdated []string
	for batch := range slices.Chunk(groups, groupBatch) {
		found, err := outdatedGroups(ctx, client, batch, configs)
		if err != nil {
			return nil, err
		}
		outdated = append(outdated, found...)
	}
	return outdated, nil
}

// outdatedGroups does so for one batch.
func outdatedGroups(ctx context.Context, client *kgo.Client, groups []string, configs map[string]string) ([]string, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	names := slices.Sorted(maps.Keys(configs))
	for _, name := range groups {
		r := kmsg.NewDescribeConfigsRequestResource()
		r.ResourceType = kmsg.ConfigResourceTypeGroupConfig
		r.ResourceName = name
		r.ConfigNames = names
		req.Resources = append(req.Resources, r)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, groupsError("describe", named(groups[0], len(groups)), err)
	}

	var outdated []string
	for _, r := range resp.Resources {
		if err := kerr.ErrorForCode(r.ErrorCode); err != nil {
			return nil, groupsError("describe", r.ResourceName, err)
		}
		have := map[string]string{}
		for _, c := range r.Configs {
			if c.Value != nil {
				have[c.Name] = *c.Value
			}
		}
		differs := func(name string) bool { return have[name] != configs[name] }
		if slices.ContainsFunc(names, differs) {
			outdated = append(outdated, r.ResourceName)
		}
	}
	return outdated, nil
}

// SetGroupConfigs gives groups the settings in configs; the groups need not exist yet. Their other settings stay.
func SetGroupConfigs(ctx context.Context, client *kgo.Client, groups []string, configs map[string]string) error {
	var failed error
	for batch := range slices.Chunk(groups, groupBatch) {
		req := kmsg.NewPtrIncrementalAlterConfigsRequest()
		for _, name := range batch {
			r := kmsg.NewIncrementalAlterConfigsRequestResource()
			r.ResourceType = kmsg.ConfigResourceTypeGroupConfig
			r.ResourceName = name
			for _, key := range slices.Sorted(maps.Keys(configs)) {
				c := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
				c.Name = key
				c.Value = kmsg.StringPtr(configs[key])
				r.Configs = append(r.Configs, c)
			}
			req.Resources = append(req.Resources, r)
		}
		resp, err := req.RequestWith(ctx, client)
		if err != nil {
			return groupsError("set", named(batch[0], len(batch)), err)
		}

		for _, r := range resp.Resources {
			if err := kerr.ErrorForCode(r.ErrorCode); err != nil && failed == nil {
				failed = groupsError("set", r.ResourceName, err)
				if r.ErrorMessage != nil && *r.ErrorMessage != "" {
					failed = fmt.Errorf("%w (%s)", failed, *r.ErrorMessage)
				}
			}
		}
	}
	return failed
}

// GroupsNotAlterable reports whether the user lacks the right to change the settings of groups.
func GroupsNotAlterable(err error) bool {
	return errors.Is(err, kerr.GroupAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed)
}
