package score

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
)

// recreateMissing notes once that teams' topics were deleted, and creates them again.
func (s *Scorer) recreateMissing(ctx context.Context, topics map[string]kafka.TopicMetadata) {
	var gone []string
	for at := range s.sources {
		gone = append(gone, at.topic)
	}
	for at := range s.saved {
		gone = append(gone, at.topic)
	}
	slices.Sort(gone)
	gone = slices.DeleteFunc(slices.Compact(gone), func(name string) bool {
		there := !errors.Is(topics[name].Err, kerr.UnknownTopicOrPartition)
		if there && topics[name].Err == nil {
			delete(s.refused, name) // it may be deleted again
		}
		return there || s.refused[name]
	})
	if len(gone) == 0 {
		return
	}

	for _, name := range gone {
		s.refused[name] = true
	}
	s.note("deleted, and its counts stand: %s", listSome(gone))
	if s.cfg.MakeTopics == nil {
		return
	}
	made, err := s.cfg.MakeTopics(ctx)
	if len(made) > 0 {
		s.note("created again: %s", listSome(made))
	}
	if err != nil {
		s.note("not created again: %v: run leaderboard provision", err)
	}
}

// listSome lists up to three names, and the number of the others.
func listSome(names []string) string {
	if len(names) > 3 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
}

// refuse notes once which topics may not be read. It does not note topics that do not exist yet.
func (s *Scorer) refuse(topics map[string]kafka.TopicMetadata) {
	byWhy := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		if err := topics[name].Err; err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) && !s.refused[name] {
			s.refused[name] = true
			byWhy[err.Error()] = append(byWhy[err.Error()], name)
		}
	}
	for why, names := range byWhy {
		s.note("not read: %s: %s", listSome(names), why)
	}
}
