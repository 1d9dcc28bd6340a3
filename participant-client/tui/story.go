package tui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"

	"github.com/twmb/franz-go/pkg/kgo"
)

// An entry is one line of what happened.
type entry struct {
	at       time.Time
	instance int // of ours; 0 for others
	text     string
	kind     entryKind
	aside    bool  // the timeline says it already, in the event's own words
	badge    badge // when earned
}

type entryKind int

const (
	happened entryKind = iota
	lesson
	trouble
	earned
)

// A story is what happened to the group so far, and what is to be learnt from it.
type story struct {
	inbox   *inbox
	poll    *poller // nil without a leaderboard
	memory  *memory
	scene   scene
	lessons *lessons
	words   *report.Words
	team    team
	teamAt  time.Time
}

func newStory(cfg Config, in *inbox) story {
	memory := newMemory(cfg.Group)
	return story{
		inbox: in, memory: memory, lessons: newLessons(cfg), scene: scene{lag: -1},
		words: &report.Words{Group: workshop.CleanText(cfg.Group, longestGroup), Partitions: func() int { return len(memory.lanes) }},
	}
}

// follow takes in a snapshot and what was put into the inbox, and tells what is new.
func (s *story) follow(now member.Snapshot) []entry {
	var out []entry
	board := map[string]int{}
	if s.poll != nil {
		out = s.celebrate(s.poll.last())
		for _, tm := range s.team.Members {
			board[tm.ID] = tm.Colour
		}
	}
	s.scene = s.memory.see(now, board)
	for _, e := range s.inbox.take() {
		s.lessons.hear(e, &s.scene)
		if text := s.words.Say(e); text != "" {
			kind := happened
			if e.Kind == member.Fault && !e.Healed {
				kind = trouble
			}
			out = append(out, entry{at: e.At, instance: e.Instance, text: text, kind: kind})
		}
	}
	out = append(out, s.taught(true)...)
	s.lessons.watch(&s.scene)
	return append(out, s.taught(false)...)
}

// taught are the sentences that were said for the first time since it was last asked.
func (s *story) taught(aside bool) []entry {
	var out []entry
	for _, text := range s.lessons.fresh {
		out = append(out, entry{at: s.scene.now, text: text, kind: lesson, aside: aside})
	}
	s.lessons.fresh = nil
	return out
}

// celebrate tells of badges that are new since the last answer; the first answer's are old.
func (s *story) celebrate(t team, at time.Time) []entry {
	if at.IsZero() || at.Equal(s.teamAt) {
		return nil
	}
	var out []entry
	for _, b := range t.Badges {
		if s.teamAt.IsZero() || slices.ContainsFunc(s.team.Badges, func(o badge) bool { return o.ID == b.ID }) {
			continue
		}
		text := fmt.Sprintf("badge earned: %s %s", b.Icon, b.name())
		if b.First {
			text += ", before every other team"
		}
		out = append(out, entry{at: at, text: text, kind: earned, badge: b})
	}
	s.team, s.teamAt = t, at
	return out
}

// A Teacher says what the screen would say beside the events, for an output without a screen: the
// sentences that teach, and the team's badges. It is a member.Sink before another one.
type Teacher struct {
	member.Sink
	cfg   Config
	inbox inbox
}

// NewTeacher makes a Teacher; Run is to say what it finds.
func NewTeacher(cfg Config, sink member.Sink) *Teacher { return &Teacher{Sink: sink, cfg: cfg} }

// Event passes on what happened, and keeps it.
func (t *Teacher) Event(e member.Event) {
	t.inbox.put(e)
	t.Sink.Event(e)
}

// Records passes records on.
func (t *Teacher) Records(instance int, records []*kgo.Record) { t.Sink.Records(instance, records) }

// Run says what is new, several times a second, until ctx ends.
func (t *Teacher) Run(ctx context.Context, crew interface{ Snapshot() member.Snapshot }, say func(report.Note)) {
	s := newStory(t.cfg, &t.inbox)
	var asking sync.WaitGroup
	defer asking.Wait()
	if t.cfg.Leaderboard != "" && t.cfg.Team > 0 {
		s.poll = newPoller(t.cfg.Leaderboard, t.cfg.Team)
		asking.Go(func() { s.poll.run(ctx) })
	}
	tick := time.NewTicker(2 * frame)
	defer tick.Stop()
	for {
		for _, e := range s.follow(crew.Snapshot()) {
			switch e.kind {
			case lesson:
				say(report.Note{Kind: report.Lesson, At: e.at, Text: e.text})
			case earned:
				say(report.Note{Kind: report.Badge, At: e.at, Text: e.text, Badge: e.badge.ID, Icon: e.badge.Icon, First: e.badge.First})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
