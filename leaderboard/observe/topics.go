package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Partitions of a team's topics.
const (
	actionsPartitions = 3
	statsPartitions   = 1
)

// EnsureTopics makes the topics that teams write to, for teams 1 to --teams, where they are missing
// and the lesson has actions. It returns the names that it made. Topics that it may not make, or
// may not see, are an error that names them: `leaderboard provision` makes them then.
func (o *Observer) EnsureTopics(ctx context.Context) (made []string, err error) {
	if !o.cfg.Lesson.Actions {
		return nil, nil
	}
	var actions, stats []string
	for team := 1; team <= o.cfg.Teams; team++ {
		actions = append(actions, o.cfg.Namespace.Actions(team))
		stats = append(stats, o.cfg.Namespace.Stats(team))
	}
	adm := kadm.NewClient(o.client)
	known, err := adm.ListTopics(ctx, slices.Concat(actions, stats)...)
	if err != nil {
		return nil, fmt.Errorf("look for the teams' topics: %w", err)
	}
	missing := func(names []string) []string {
		return slices.DeleteFunc(names, func(name string) bool {
			return !errors.Is(known[name].Err, kerr.UnknownTopicOrPartition)
		})
	}
	hour, remove, compact := "3600000", "delete", "compact"
	madeActions, err1 := o.create(ctx, adm, actionsPartitions, map[string]*string{"retention.ms": &hour, "cleanup.policy": &remove}, missing(actions))
	madeStats, err2 := o.create(ctx, adm, statsPartitions, map[string]*string{"cleanup.policy": &compact}, missing(stats))
	return slices.Sorted(slices.Values(append(madeActions, madeStats...))), errors.Join(err1, err2)
}

func (o *Observer) create(ctx context.Context, adm *kadm.Client, partitions int32, configs map[string]*string, names []string) (made []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	answers, err := adm.CreateTopics(ctx, partitions, -1, configs, names...)
	if err != nil {
		return nil, fmt.Errorf("make the teams' topics: %w", err)
	}
	failed := map[string][]string{} // names by what went wrong
	for _, a := range answers.Sorted() {
		switch {
		case a.Err == nil:
			made = append(made, a.Topic)
		case !errors.Is(a.Err, kerr.TopicAlreadyExists): // a second leaderboard was quicker
			failed[a.Err.Error()] = append(failed[a.Err.Error()], a.Topic)
		}
	}
	for why, names := range failed {
		err = errors.Join(err, fmt.Errorf("make %s and %d more: %s", names[0], len(names)-1, why))
	}
	return made, err
}
