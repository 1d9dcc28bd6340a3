package board

import (
	"context"
	"io"
	"log/slog"
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

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "an-instructors-token"

// acted is an Acts that writes down what it was asked for.
type acted struct {
	mu   sync.Mutex
	said []string
	err  error
}

func (a *acted) note(text string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, text)
	return a.err
}

func (a *acted) Freeze(context.Context) error                 { return a.note("freeze") }
func (a *acted) NewRound(context.Context) error               { return a.note("round") }
func (a *acted) Message(_ context.Context, text string) error { return a.note("message " + text) }
func (a *acted) Reveal(_ context.Context, how string) error   { return a.note("reveal " + how) }
func (a *acted) Rename(_ context.Context, team int, name string) error {
	return a.note("rename " + workshop.TeamID(team) + " " + name)
}
func (a *acted) RemoveBadge(_ context.Context, team int, badge string) error {
	return a.note("badge " + workshop.TeamID(team) + " " + badge)
}
func (a *acted) SetOffsets(_ context.Context, team int, to string) error {
	return a.note("offsets " + workshop.TeamID(team) + " " + to)
}
func (a *acted) RemoveMember(_ context.Context, team int, member string) error {
	return a.note("member " + workshop.TeamID(team) + " " + member)
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

// A room is a Board behind a real server.
type room struct {
	*Board
	acts  *acted
	clock *hands
	url   string

	engine http.Handler
	server *httptest.Server
	mute   atomic.Bool // holds events back, as scanning proxies do
	full   atomic.Bool // has no stream left
	down   atomic.Bool // answers 503, as a proxy does while the leaderboard is away
}

func newRoom(t testing.TB, s *sample) *room {
	t.Helper()
	r := &room{acts: &acted{}, clock: &hands{now: sampleNow}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	auth := httpserve.NewAuth(token)
	admissions, err := admission.New(admission.Config{
		Secret: "a secret of this test alone", Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 15}, PublicURL: "http://192.168.1.5:8080", Auth: auth,
		Kafka: kafka.Config{Brokers: []string{"192.168.1.5:9092"}, Username: "leaderboard", Password: "its own"},
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Config{
		Lesson: workshop.ScaleUp, PublicURL: "http://192.168.1.5:8080", PanelURL: "http://127.0.0.1:8081",
		Auth: auth, Admission: admissions, Acts: r.acts, Log: log, Now: r.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Board = b
	e := httpserve.Engine(log, b.cfg.PublicURL)
	b.Register(e)
	admissions.Register(e)
	r.engine = e
	ctx, cancel := context.WithCancel(context.Background())
	srv := httptest.NewServer(streamsEnd(ctx, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
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
			_ = http.NewResponseController(w).Flush() // a test server's can
			<-req.Context().Done()
			return
		}
		e.ServeHTTP(w, req)
	})))
	r.server = srv
	t.Cleanup(func() { cancel(); srv.Close() })
	r.url = srv.URL
	r.show(s)
	return r
}

// show publishes the sample a second later.
func (r *room) show(s *sample) {
	r.clock.turn(time.Second)
	r.Publish(s.View)
}
