package observe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicsPerRequest limits requests about topics. One topic's settings take 3 KB of a response.
const topicsPerRequest = 100

// EnsureTopics creates the View's topic and, if the lesson has actions, the topics that the teams write to. It sets size
// limits on existing topics that have none. It returns the names of the topics that it created. The error names topics that
// it may not create or see: `leaderboard provision` creates those.
func (o *Observer) EnsureTopics(ctx context.Context) (created []string, err error) {
	want := []workshop.Topic{o.cfg.View()}
	names := []string{o.cfg.ViewTopic()}
	for team := 1; team <= o.cfg.Teams; team++ {
		for _, t := range o.cfg.TeamTopics(team) {
			want = append(want, t)
			names = append(names, t.Name)
		}
	}
	adm := kadm.NewClient(o.client)
	known := kadm.TopicDetails{}
	for batch := range slices.Chunk(names, topicsPerRequest) {
		listed, err := adm.ListTopics(ctx, batch...)
		if err != nil {
			return nil, fmt.Errorf("list the teams' topics: %w", err)
		}
		maps.Copy(known, listed)
	}
	var missing, existing []workshop.Topic
	for _, t := range want {
		switch err := known[t.Name].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case err == nil:
			existing = append(existing, t)
		}
	}

	switch err := o.boundTopics(ctx, adm, existing); {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		o.log.Debug("not authorized to describe the settings of topics, which leaderboard provision has set") // as on every cluster with ACLs
	case err != nil:
		o.log.Warn("cannot bound the teams' topics; leaderboard provision can", "error", err)
	}
	return kafka.CreateTopics(ctx, o.client, missing...)
}

// EnsureGroups configures the teams' share groups if the lesson has them. On a cluster where it lacks permission,
// `leaderboard provision` has configured them.
func (o *Observer) EnsureGroups(ctx context.Context) error {
	if !o.cfg.Lesson.Share {
		return nil
	}
	var groups []string
	for team := 1; team <= o.cfg.Teams; team++ {
		groups = append(groups, o.cfg.Group(team))
	}
	err := kafka.SetGroupConfigs(ctx, o.client, groups, workshop.ShareConfigs())
	if kafka.GroupsNotAlterable(err) {
		o.log.Debug("not authorized to set the settings of share groups, which leaderboard provision has set")
		return nil
	}
	return err
}

// boundTopics sets limits that are at their defaults. Values that somebody chose stay, except a cleanup policy of compaction
// alone, under which a topic grows with every new key.
func (o *Observer) boundTopics(ctx context.Context, adm *kadm.Client, topics []workshop.Topic) error {
	var failed error
	for batch := range slices.Chunk(topics, topicsPerRequest) {
		names := make([]string, len(batch))
		for i, t := range batch {
			names[i] = t.Name
		}
		have, err := adm.DescribeTopicConfigs(ctx, names...)
		if err != nil {
			return err
		}

		for _, t := range batch {
			found, err := have.On(t.Name, nil)
			if err == nil {
				err = found.Err
			}
			if err == nil {
				err = o.boundTopic(ctx, adm, t, found.Configs)
			}
			if err != nil {
				failed = fmt.Errorf("topic %s: %w", t.Name, err)
			}
		}
	}
	return failed
}

func (o *Observer) boundTopic(ctx context.Context, adm *kadm.Client, t workshop.Topic, have []kadm.Config) error {
	chosen := map[string]string{}
	for _, c := range have {
		if c.Source == kmsg.ConfigSourceDynamicTopicConfig {
			chosen[c.Key] = c.MaybeValue()
		}
	}

	var alter []kadm.AlterConfig
	for name, value := range t.Configs {
		was, set := chosen[name]
		if !set || name == "cleanup.policy" && was == "compact" && strings.Contains(value, "delete") {
			alter = append(alter, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: &value})
		}
	}
	if len(alter) == 0 {
		return nil
	}

	altered, err := adm.AlterTopicConfigs(ctx, alter, t.Name)
	if err == nil {
		_, err = altered.On(t.Name, func(r *kadm.AlterConfigsResponse) error { return r.Err })
	}
	return err
}
