package provision

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
)

// A topicChange is a change of one setting of an existing topic.
type topicChange struct {
	topic, name, value, was string
}

func (c topicChange) String() string {
	return fmt.Sprintf("%s=%s on topic %s (was %s)", c.name, c.value, c.topic, c.was)
}

// outdatedConfigs returns the settings in which existing topics differ from the plan. It ignores settings that the plan does
// not mention.
func (c *cluster) outdatedConfigs(ctx context.Context, topics []workshop.Topic) ([]topicChange, error) {
	var outdated []topicChange
	for batch := range slices.Chunk(topics, c.batch) {
		found, err := c.outdatedAmong(ctx, batch)
		if err != nil {
			return nil, err
		}
		outdated = append(outdated, found...)
	}
	return outdated, nil
}

// outdatedAmong checks one batch.
func (c *cluster) outdatedAmong(ctx context.Context, topics []workshop.Topic) ([]topicChange, error) {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.Name
	}

	described, err := c.adm.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("describe the topics' configs: %w", err)
	}

	var outdated []topicChange
	for _, t := range topics {
		found, err := described.On(t.Name, nil)
		if err == nil {
			err = found.Err
		}
		if err != nil {
			return nil, fmt.Errorf("describe the config of topic %s: %w", t.Name, err)
		}

		have := map[string]string{}
		for _, config := range found.Configs {
			have[config.Key] = config.MaybeValue()
		}

		for _, name := range slices.Sorted(maps.Keys(t.Configs)) {
			if !sameList(have[name], t.Configs[name]) {
				outdated = append(outdated, topicChange{t.Name, name, t.Configs[name], have[name]})
			}
		}
	}

	return outdated, nil
}

// sameList compares config values, which may be lists in any order, such as compact,delete.
func sameList(a, b string) bool {
	sorted := func(text string) []string {
		parts := strings.Split(strings.ReplaceAll(text, " ", ""), ",")
		slices.Sort(parts)
		return parts
	}
	return slices.Equal(sorted(a), sorted(b))
}

// setConfigs applies the changes. A change that the cluster rejects becomes a note: the lesson works without it.
func (c *cluster) setConfigs(ctx context.Context, changes []topicChange) (notes []string, err error) {
	type setting struct{ name, value string }
	topics := map[setting][]string{}
	for _, change := range changes {
		s := setting{change.name, change.value}
		topics[s] = append(topics[s], change.topic)
	}

	for s, names := range topics {
		config := kadm.AlterConfig{Op: kadm.SetConfig, Name: s.name, Value: &s.value}
		for batch := range slices.Chunk(names, c.batch) {
			altered, err := c.adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{config}, batch...)
			if err != nil {
				return notes, fmt.Errorf("set %s on topics: %w", s.name, err)
			}

			for _, a := range altered {
				if a.Err != nil {
					notes = append(notes, fmt.Sprintf("topic %s keeps its %s: %v %s", a.Name, s.name, a.Err, a.ErrMessage))
				}
			}
		}
	}

	slices.Sort(notes)
	return notes, nil
}
