package story

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Config is what a story needs in addition to what the members report.
type Config struct {
	Group, Topic   string
	Team           int    // 0 when unknown
	Host           string // of this process, as in its members' client IDs; empty when unknown
	Assignor       string
	CommitInterval time.Duration // 0: after each batch
	SessionTimeout time.Duration // 0: the broker's setting applies
	Leaderboard    string        // URL, if known
	Code           string        // the team's, so that votes count for it; empty when unknown
}

// A Story is what happened to the group so far. Event may be called concurrently; everything else is for one goroutine.
type Story struct {
	*Board
	Scene   Scene
	Lessons *Lessons

	inbox     inbox
	memory    *memory
	explainer Explainer
}

// New returns an empty story.
func New(cfg Config) *Story {
	m := newMemory(cfg)
	s := &Story{
		Board: NewBoard(cfg), memory: m, Lessons: newLessons(cfg), Scene: Scene{Lag: -1},
		explainer: Explainer{
			Group: workshop.CleanText(cfg.Group, longestGroup), Partitions: func() int { return len(m.lanes) },
			Timeout: cfg.SessionTimeout, Name: m.names.name,
		},
	}
	return s
}

// longestGroup is how much of a group's name is shown, in characters: Kafka allows 255.
const longestGroup = 40

// PollLeaderboard asks the leaderboard for the team, if there is one, until ctx ends.
func (s *Story) PollLeaderboard(ctx context.Context) {
	s.Run(ctx)
}

// Event stores an event for the next Advance. It never blocks.
func (s *Story) Event(e member.Event) { s.inbox.add(e) }

// Advance moves on to a snapshot and returns what is new, in order.
func (s *Story) Advance(now member.Snapshot) []Sentence {
	out := s.Board.Advance(now.At)
	colours := map[string]int{}
	for _, tm := range s.Team.Members {
		colours[tm.ID] = tm.Colour
	}

	before := s.Scene
	s.Scene = s.memory.scene(now, colours)
	for _, e := range s.inbox.drain() {
		said, ok := s.explainer.Explain(e)
		if ok {
			plain := said
			plain.Lesson = false
			out = append(out, plain)
		}
		s.Lessons.handleEvent(e, said, ok, &s.Scene, &before)
	}
	s.Lessons.update(&s.Scene)
	out = append(out, s.Lessons.unread...)
	s.Lessons.unread = nil
	return out
}

// An inbox holds events between two snapshots, the newest few hundred if nobody reads it.
type inbox struct {
	mu     sync.Mutex // guards events
	events []member.Event
}

const inboxSize = 512

func (b *inbox) add(e member.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) == inboxSize {
		b.events = append(b.events[:0], b.events[inboxSize/2:]...)
	}
	b.events = append(b.events, e)
}

func (b *inbox) drain() []member.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.events
	b.events = nil
	return out
}

// A Reader follows a story for an output without a screen. It is a member.Sink that passes everything on to another one.
type Reader struct {
	member.Sink
	story   *Story
	colours atomic.Pointer[map[int]int] // of this process's members, by instance
}

// NewReader returns a Reader; Run writes what it finds.
func NewReader(cfg Config, sink member.Sink) *Reader { return &Reader{Sink: sink, story: New(cfg)} }

// Event passes an event on, and stores it for the story.
func (r *Reader) Event(e member.Event) {
	r.story.Event(e)
	r.Sink.Event(e)
}

// Records passes records on.
func (r *Reader) Records(instance int, records []*kgo.Record) { r.Sink.Records(instance, records) }

// fromLeaderboard holds the kinds that come from the leaderboard, not from events.
var fromLeaderboard = map[Kind]bool{BadgeAwarded: true, Asked: true, Answered: true}

// Colour returns the colour of a member of this process. It may be called concurrently.
func (r *Reader) Colour(instance int) int {
	if colours := r.colours.Load(); colours != nil {
		if c, known := (*colours)[instance]; known {
			return c
		}
	}
	return instance - 1 // until the member is seen
}

// keepColours stores the colours of the last snapshot for Colour.
func (r *Reader) keepColours() {
	colours := map[int]int{}
	for _, a := range r.story.Scene.Own() {
		colours[a.Instance] = a.Colour
	}
	r.colours.Store(&colours)
}

// readEvery is how often a Reader writes what is new.
const readEvery = 200 * time.Millisecond

// Run writes everything that is not a single event – lessons, takeovers, badges and questions – until ctx ends.
func (r *Reader) Run(ctx context.Context, members interface{ Snapshot() member.Snapshot }, write func(Sentence)) {
	var polling sync.WaitGroup
	defer polling.Wait()
	polling.Go(func() { r.story.PollLeaderboard(ctx) })

	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		for _, s := range r.story.Advance(members.Snapshot()) {
			if s.Lesson || repeats[s.Kind] || fromLeaderboard[s.Kind] {
				write(s)
			}
		}
		r.keepColours()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
