package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// EnsureTopics makes the topics that teams write to, for teams 1 to --teams, where they are missing
// and the lesson has actions, and bounds those that were made without bounds. It returns the names
// that it made. Topics that it may not make, or may not see, are an error that names them:
// `leaderboard provision` makes them then.
func (o *Observer) EnsureTopics(ctx context.Context) (made []string, err error) {
	var want []workshop.Topic
	var names []string
	for team := 1; team <= o.cfg.Teams; team++ {
		for _, t := range o.cfg.TeamTopics(team) {
			want = append(want, t)
			names = append(names, t.Name)
		}
	}
	if len(want) == 0 {
		return nil, nil
	}

	adm := kadm.NewClient(o.client)
	known, err := adm.ListTopics(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("look for the teams' topics: %w", err)
	}
	var missing, there []workshop.Topic
	for _, t := range want {
		switch err := known[t.Name].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case err == nil:
			there = append(there, t)
		}
	}

	switch err := o.boundTopics(ctx, adm, there); {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		o.log.Debug("may not look at topics' settings: provision, which gave the rights, has set them") // as on every cluster with rights
	case err != nil:
		o.log.Warn("topics of teams keep the settings that they have: leaderboard provision changes them", "error", err)
	}
	return kafka.CreateTopics(ctx, o.client, missing...)
}

// boundTopics gives topics the settings that nobody gave them. A value that somebody chose stays, but
// for the policy of compaction alone, under which a topic grows with every new key.
func (o *Observer) boundTopics(ctx context.Context, adm *kadm.Client, topics []workshop.Topic) error {
	var failed error
	for some := range slices.Chunk(topics, 100) {
		names := make([]string, len(some))
		for i, t := range some {
			names[i] = t.Name
		}
		have, err := adm.DescribeTopicConfigs(ctx, names...)
		if err != nil {
			return err
		}

		for _, t := range some {
			found, err := have.On(t.Name, nil)
			if err == nil {
				err = found.Err
			}
			if err == nil {
				err = o.bound(ctx, adm, t, found.Configs)
			}
			if err != nil {
				failed = fmt.Errorf("topic %s: %w", t.Name, err)
			}
		}
	}
	return failed
}

func (o *Observer) bound(ctx context.Context, adm *kadm.Client, t workshop.Topic, have []kadm.Config) error {
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
