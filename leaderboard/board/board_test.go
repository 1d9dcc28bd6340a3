package board

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/ballot"
	"kafka-workshop/leaderboard/game"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "an-instructors-token"

// recorder is a Commands that records the commands it receives.
type recorder struct {
	mu   sync.Mutex
	said []string
	err  error
}

func (r *recorder) note(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, text)
	return r.err
}

func (r *recorder) Freeze(context.Context) error                    { return r.note("freeze") }
func (r *recorder) DismissPodium(context.Context) error             { return r.note("podium dismissed") }
func (r *recorder) NewRound(context.Context) error                  { return r.note("round") }
func (r *recorder) SetMessage(_ context.Context, text string) error { return r.note("message " + text) }
func (r *recorder) Reveal(_ context.Context, how string) error      { return r.note("reveal " + how) }
func (r *recorder) Rename(_ context.Context, team int, name string) error {
	return r.note("rename " + workshop.TeamID(team) + " " + name)
}
func (r *recorder) GoToStep(_ context.Context, number int) error {
	return r.note(fmt.Sprint("step ", number))
}

func (r *recorder) ExtendStep(_ context.Context, by time.Duration) error {
	return r.note("extend " + by.String())
}

func (r *recorder) SetSpotlight(_ context.Context, s workshop.Spotlight) error {
	return r.note("spotlight " + s.String())
}

func (r *recorder) SetLoad(_ context.Context, w workshop.Wanted) error {
	return r.note(fmt.Sprint("load ", *w.Load.Rate))
}

func (r *recorder) Questions(context.Context) ([]game.Question, error) {
	return []game.Question{{ID: game.AskSplit, Kind: game.AskSplit, Team: 1, Askable: true, Options: []string{"3 + 2", "4 + 1"}}}, nil
}

func (r *recorder) OpenPrediction(_ context.Context, kind string, team int) error {
	return r.note(fmt.Sprint("ask ", kind, " ", team))
}

func (r *recorder) VoteAgain(context.Context) error        { return r.note("again") }
func (r *recorder) ClosePrediction(context.Context) error  { return r.note("close") }
func (r *recorder) CancelPrediction(context.Context) error { return r.note("cancel") }
func (r *recorder) AnswerPrediction(_ context.Context, option int) error {
	return r.note(fmt.Sprint("answer ", option))
}

func (r *recorder) RemoveBadge(_ context.Context, team int, badge string) error {
	return r.note("badge " + workshop.TeamID(team) + " " + badge)
}
func (r *recorder) SetOffsets(_ context.Context, team int, to string) error {
	return r.note("offsets " + workshop.TeamID(team) + " " + to)
}
func (r *recorder) RemoveMember(_ context.Context, team int, member string) error {
	return r.note("member " + workshop.TeamID(team) + " " + member)
}

// A hands is a clock that stands still until it is turned.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) turn(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// A room is a Board served by a real server.
type room struct {
	*Board
	commands *recorder
	clock    *hands
	ballot   *ballot.Ballot
	url      string

	engine      http.Handler
	server      *httptest.Server
	connections connections
	mute        atomic.Bool // holds events back, as scanning proxies do
	full        atomic.Bool // has no streams left
	down        atomic.Bool // answers 503, as a proxy does while the leaderboard is down
}

func newRoom(t testing.TB, s *sample, changes ...func(*Config)) *room {
	t.Helper()
	r := &room{commands: &recorder{}, clock: &hands{now: sampleNow}, ballot: ballot.New()}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	auth := httpserve.NewAuth(token)
	admissions, err := admission.New(admission.Config{
		Secret: "a secret of this test alone", Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 15}, PublicURL: "http://192.168.1.5:8080", Auth: auth,
		Kafka: kafka.Config{Brokers: []string{"192.168.1.5:9092"}, Username: "leaderboard", Password: "its own"},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Lesson: workshop.ScaleUp, PublicURL: "http://192.168.1.5:8080", PanelURL: "http://127.0.0.1:8081",
		Votes: r.ballot, VoterKey: []byte("of this test"),
		Auth: auth, Admission: admissions, Commands: r.commands, Log: log, Now: r.clock.Now,
	}
	for _, change := range changes {
		change(&cfg)
	}
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Board = b
	e := httpserve.Engine(log, b.cfg.PublicURL)
	b.Register(e)
	admissions.Register(e)
	r.engine = e
	ctx, cancel := context.WithCancel(context.Background())
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if r.full.Load() && strings.HasSuffix(req.URL.Path, "/events") {
			w.Header().Set("Retry-After", "10")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if r.mute.Load() && strings.HasSuffix(req.URL.Path, "/events") {
			w.Header().Set("Content-Type", "text/event-stream")
			_ = http.NewResponseController(w).Flush() // a test server's writer can flush
			<-req.Context().Done()
			return
		}
		e.ServeHTTP(w, req)
	}))
	streams, base := httpserve.NewDetached(ctx)
	srv.Config.BaseContext = func(net.Listener) context.Context { return base }
	srv.Config.ConnState = r.connections.note
	srv.Start()
	r.server = srv
	t.Cleanup(func() {
		cancel()
		srv.Close()
		streams.Wait(context.Background())
	})
	r.url = srv.URL
	r.show(s)
	return r
}

// connections holds all connections that a server has accepted, including those of its event streams, which the server no
// longer tracks.
type connections struct {
	mu  sync.Mutex
	all []net.Conn
}

func (c *connections) note(conn net.Conn, state http.ConnState) {
	if state == http.StateNew {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, conn)
	}
}

// cut closes them, as a restarting proxy does.
func (c *connections) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.all {
		_ = conn.Close() // some have already ended
	}
	c.all = nil
}

// show publishes the sample a second later.
func (r *room) show(s *sample) {
	r.clock.turn(time.Second)
	r.ballot.Follow(s.Public.Prediction)
	r.Publish(s.View)
}
