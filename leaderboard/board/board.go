package board

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// figuresEvery is how often ticking figures are sent: a second, less the jitter of the sweeps that time them.
const figuresEvery = 900 * time.Millisecond

// Commands are the instructor's commands. Their errors are those of game's commands; any other error is logged and answered
// with a 500.
type Commands interface {
	Freeze(ctx context.Context) error
	Reveal(ctx context.Context, how string) error // how is one of game's Reveal constants
	NewRound(ctx context.Context) error
	SetMessage(ctx context.Context, text string) error // an empty text removes the message
	Rename(ctx context.Context, team int, name string) error
	RemoveBadge(ctx context.Context, team int, badge string) error
	SetOffsets(ctx context.Context, team int, to string) error // to is latest or earliest
	RemoveMember(ctx context.Context, team int, member string) error
	GoToStep(ctx context.Context, number int) error // of the run sheet, from 1
	ExtendStep(ctx context.Context, by time.Duration) error
	SetSpotlight(ctx context.Context, s workshop.Spotlight) error // 0 removes it
	DismissPodium(ctx context.Context) error
	SetLoad(ctx context.Context, w workshop.Wanted) error
	Questions(ctx context.Context) ([]game.Question, error)
	OpenPrediction(ctx context.Context, kind string, team int) error // team 0 lets the game choose
	VoteAgain(ctx context.Context) error
	ClosePrediction(ctx context.Context) error
	CancelPrediction(ctx context.Context) error
	AnswerPrediction(ctx context.Context, option int) error
}

// Votes collects the votes on the open prediction.
type Votes interface {
	Cast(id int64, voter string, option, team int, address string, now time.Time) error
	Vote(voter string) (option int, voted bool)
	Count() int
}

// Config configures a Board.
type Config struct {
	Lesson    workshop.Lesson
	PublicURL string             // what participants type; if empty, the host of the request
	PanelURL  string             // of the control panel; empty for none
	Admission *admission.Service // answers codes; nil if there are none
	Auth      *httpserve.Auth
	Votes     Votes  // collects the votes on predictions; nil for none
	VoterKey  []byte // signs voters' cookies; if empty, random for this process
	Commands  Commands
	// Ready returns nil while the Views are this room's, even while Postgres is unavailable. Otherwise its error gives the
	// reason, such as which leaderboard holds the room. A nil func means always ready.
	Ready func() error
	// Export reads every stored round with all of its events, for the instructor to keep. Without it, an export contains only
	// the current round.
	Export func(ctx context.Context) (game.Export, error)
	Calm   bool // board and team pages show no ranks and points
	// Round reads a round that has ended. Without it, only the current round is available.
	Round func(ctx context.Context, number int) (game.RoundExport, error)
	Log   *slog.Logger
	Now   func() time.Time // time.Now when nil
}

// A Board shows the latest View. Its methods are safe for concurrent use.
type Board struct {
	cfg     Config
	pages   *pages
	streams *httpserve.Streams // limits the public event streams

	steps    []guideStep // of the lesson's guide
	rounds   *rounds
	replayed currentReplay

	view atomic.Pointer[snapshot] // the latest; written by Publish

	mu         sync.Mutex // guards what follows; held by Publish and when somebody starts to view a page
	curves     curves
	scale      int64 // the lag that a full edge of a lane represents
	publicRows versions
	truthRows  versions
	nextTick   time.Time // when ticking figures may be sent again
	feeds      map[feedKey]*watched
}

// New creates a Board. Until the first Publish, it shows that the leaderboard is starting.
func New(cfg Config) (*Board, error) {
	if cfg.Auth == nil || cfg.Commands == nil {
		return nil, errors.New("board: Auth and Commands are required")
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
	if len(cfg.VoterKey) == 0 {
		cfg.VoterKey = []byte(rand.Text())
	}

	p, err := newPages()
	if err != nil {
		return nil, err
	}
	steps, err := guideSteps(cfg.Lesson)
	if err != nil {
		return nil, err
	}
	b := &Board{
		cfg: cfg, pages: p, steps: steps, streams: httpserve.NewStreams(),
		rounds: newRounds(cfg.Round, cfg.Log), curves: curves{}, scale: leastScale, publicRows: versions{}, truthRows: versions{}, feeds: map[feedKey]*watched{},
	}
	start := game.Board{
		Lesson: cfg.Lesson.Name, Topic: cfg.Lesson.Topic, Partitions: cfg.Lesson.Partitions,
		AsOf: workshop.At(cfg.Now()), TopicPartitions: []game.TopicPartition{}, Badges: game.Badges(cfg.Lesson), Stale: []string{"starting: no answer from Kafka yet"},
	}
	b.Publish(game.View{Public: start, Truth: start})
	return b, nil
}

// Publish shows a View to all viewers, without waiting for any of them. Call it after every sweep, even if nothing changed:
// ticking figures are sent with the first call after a second.
func (b *Board) Publish(v game.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.cfg.Now()
	tick := !now.Before(b.nextTick)
	if tick {
		b.nextTick = now.Add(figuresEvery)
		if len(v.Truth.Teams) <= curveTeams {
			b.curves.add(v.Truth.Teams)
		}
		b.scale = nextScale(b.scale, v.Truth.Teams)
	}

	s := newSnapshot(v, maps.Clone(b.curves), b.scale, b.cfg.Calm)
	s.above = sync.OnceValue(func() []spec { return b.aboveRows(s) })
	b.view.Store(s)
	b.publishAll(s, tick)
}

// Register adds the pages, the API and the event streams to the engine.
func (b *Board) Register(e *gin.Engine) {
	httpserve.Login(e, b.cfg.Auth, "Leaderboard")
	b.pages.assets.Register(e)
	b.registerPages(e)
	b.registerPrediction(e)
	b.registerAPI(e)
	b.registerHistory(e)
	b.registerCommands(e)
}
