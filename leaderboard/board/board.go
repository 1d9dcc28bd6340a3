// Package board is what the room and the instructor look at: pages, their event streams, and the
// JSON of the leaderboard's API. It shows the Views that it is handed, computes no points and keeps
// no state of the game; what the instructor does it passes on to Acts.
package board

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// Acts is what the instructor can do. An error made by httpserve.Status (such as 409 for offsets of
// a group that is not empty) is told as it is; any other is logged and answered with a 500.
type Acts interface {
	Freeze(ctx context.Context) error
	Reveal(ctx context.Context, how string) error // how is one of game's: play, pause, next, back, all
	NewRound(ctx context.Context) error
	Message(ctx context.Context, text string) error // empty text takes the message away
	Rename(ctx context.Context, team int, name string) error
	RemoveBadge(ctx context.Context, team int, badge string) error
	SetOffsets(ctx context.Context, team int, to string) error // to is latest or earliest
	RemoveMember(ctx context.Context, team int, member string) error
}

// Config is what a Board needs beside the Views.
type Config struct {
	Lesson    workshop.Lesson
	PublicURL string             // what participants type; empty takes the host that the browser asked for
	PanelURL  string             // the control panel; empty for none
	Admission *admission.Service // who answers codes; nil for nobody
	Auth      *httpserve.Auth
	Acts      Acts
	// Ready is nil while the Views are this room's: also when the holder merely misses Postgres, for its board goes on
	// and says what is stale. Its error says why not, such as who holds the room. A nil func is always ready.
	Ready func() error
	// Export reads every round as it is stored, with all of its events, for the instructor to keep;
	// nil leaves the rounds out of the export.
	Export func(ctx context.Context) (game.Export, error)
	Log    *slog.Logger
	Now    func() time.Time // time.Now when nil
}

// A Board shows the latest View. Its methods are safe for concurrent use.
type Board struct {
	cfg     Config
	pages   *pages
	streams *httpserve.Streams // that anybody may open

	mu    sync.Mutex // held by Publish and by a feed's first use
	view  atomic.Pointer[shown]
	curve curves
	next  time.Time // when ticking figures may be sent again

	publicRows versions // guarded by mu
	truthRows  versions // guarded by mu

	room       *feed
	instructor *feed
	teams      map[int]*feed // only of teams that somebody looked at
}

// New makes a Board that says that it starts until the first Publish.
func New(cfg Config) (*Board, error) {
	if cfg.Auth == nil || cfg.Acts == nil {
		return nil, errors.New("board: Auth and Acts are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Ready == nil {
		cfg.Ready = func() error { return nil }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	b := &Board{
		cfg: cfg, pages: p, streams: httpserve.NewStreams(), curve: curves{}, publicRows: versions{}, truthRows: versions{}, room: newFeed(), instructor: newFeed(), teams: map[int]*feed{},
	}
	start := game.Board{
		Lesson: cfg.Lesson.Name, Topic: cfg.Lesson.Topic, Partitions: cfg.Lesson.Partitions,
		AsOf: workshop.At(cfg.Now()), Badges: game.Badges(cfg.Lesson), Stale: []string{"starting: no answer from Kafka yet"},
	}
	b.Publish(game.View{Public: start, Truth: start})
	return b, nil
}

// Publish shows the view to everybody. It does not wait for viewers. Call it after every sweep, also
// when nothing changed: figures that only tick go out with the first call after a second has passed.
func (b *Board) Publish(v game.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.cfg.Now()
	tick := !now.Before(b.next)
	if tick {
		b.next = now.Add(900 * time.Millisecond) // sweeps do not come to the millisecond
		b.curve.add(v.Truth.Teams)
	}
	s := newShown(v, b.curve.copy())
	b.publicRows.update(s.Public.Teams)
	b.truthRows.update(s.Truth.Teams)
	b.view.Store(s)
	b.room.publish(b.roomParts(s), tick)
	b.instructor.publish(b.instructorParts(s), tick)
	for n, f := range b.teams {
		f.publish(b.teamParts(s, n), tick)
	}
}

// Register adds the pages, the API and the events to the engine.
func (b *Board) Register(e *gin.Engine) {
	httpserve.Login(e, b.cfg.Auth, "Leaderboard")
	b.registerPages(e)
	b.registerAPI(e)
	b.registerActs(e)
}
