package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A cluster is an administrator's view of the brokers.
type cluster struct {
	cfg    kafka.Config
	client *kgo.Client
	adm    *kadm.Client
	secret workshop.Secret
	batch  int // topics, users or ACLs in one request
}

func (c *cluster) password(user string) string { return string(c.secret.Password(user)) }

// missingTopics returns the planned topics that do not exist. Existing topics are used unchanged; the notes name those whose
// number of partitions is not the lesson's.
func (c *cluster) missingTopics(ctx context.Context, want []workshop.Topic) (missing []workshop.Topic, notes []string, err error) {
	names := make([]string, len(want))
	for i, t := range want {
		names[i] = t.Name
	}

	have := kadm.TopicDetails{}
	for batch := range slices.Chunk(names, c.batch) {
		listed, err := c.adm.ListTopics(ctx, batch...)
		if err != nil {
			return nil, nil, fmt.Errorf("list topics: %w", err)
		}
		maps.Copy(have, listed)
	}

	for _, t := range want {
		found := have[t.Name]
		switch {
		case errors.Is(found.Err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case found.Err != nil:
			return nil, nil, fmt.Errorf("describe topic %s: %w", t.Name, found.Err)
		case len(found.Partitions) != t.Partitions:
			notes = append(notes, fmt.Sprintf("topic %s has %d partitions; the lesson expects %d", t.Name, len(found.Partitions), t.Partitions))
		}
	}

	return missing, notes, nil
}

func (c *cluster) deleteTopics(ctx context.Context, names []string) error {
	for batch := range slices.Chunk(names, c.batch) {
		if err := c.deleteSome(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) deleteSome(ctx context.Context, names []string) error {
	deleted, err := c.adm.DeleteTopics(ctx, names...)
	if err != nil {
		return fmt.Errorf("delete topics: %w", err)
	}

	sorted := deleted.Sorted()
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Topic < sorted[j].Topic })
	for _, d := range sorted {
		if d.Err != nil && !errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
			return fmt.Errorf("delete topic %s: %w", d.Topic, d.Err)
		}
	}

	return nil
}

// explainDenied adds advice to the error of a cluster that we may not provision.
func explainDenied(err error) error {
	const ask = "or give its administrator what leaderboard provision --print prints"
	var auth *kadm.AuthError
	switch {
	case errors.Is(err, kerr.SecurityDisabled):
		return fmt.Errorf("%w: this cluster has no authorizer, so ACLs have no effect: start it secured (go run ./deploy/kafka --secure)", err)
	case errors.Is(err, kerr.ClusterAuthorizationFailed), errors.Is(err, kerr.TopicAuthorizationFailed), errors.As(err, &auth):
		return fmt.Errorf("%w: log in as an administrator of the cluster (--username, KAFKA_PASSWORD, or --env FILE), %s", err, ask)
	case errors.Is(err, kerr.PolicyViolation), errors.Is(err, kerr.InvalidRequest), kafka.Unsupported(err):
		return fmt.Errorf("%w: this cluster is not provisioned in this way: see how it makes topics, users and ACLs, %s", err, ask)
	}

	return err
}
