package panel

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/control"

	"github.com/gin-gonic/gin"
)

// tailPoints of the curve go with each state, so that a viewer who skipped some has no gap.
const tailPoints = 30

// A state is what an open page shows: the contract's load and what only the panel needs.
type state struct {
	control.View
	Topic     string         `json:"topic"`
	Holder    string         `json:"holder"`
	Holding   bool           `json:"holding"`
	Burst     int            `json:"burst"`
	Error     string         `json:"error"`
	ErrorAt   *workshop.Time `json:"error_at"`
	Note      string         `json:"note"`
	NoteAt    *workshop.Time `json:"note_at"`
	AwaySince *workshop.Time `json:"away_since"`
	Fault     string         `json:"fault"`
	At        workshop.Time  `json:"at"`
	Points    [][2]float64   `json:"points"` // target and achieved, one a second, the newest last
	Whole     bool           `json:"whole"`  // points are all there are
	Seconds   int64          `json:"seconds"`
}

func stateOf(v control.View, points []control.Point, whole bool, seconds int64) state {
	s := state{View: v, Topic: v.Topic, Holder: v.Holder, Holding: v.Holding, Burst: v.Burst, Error: v.Error,
		ErrorAt: stamp(v.ErrorAt), Note: v.Note, NoteAt: stamp(v.NoteAt), AwaySince: stamp(v.AwaySince), Fault: v.Fault,
		At: v.At, Points: make([][2]float64, len(points)), Whole: whole, Seconds: seconds}
	for i, p := range points {
		s.Points[i] = [2]float64{p.Target, p.Achieved}
	}
	return s
}

// hub hands the latest state to every open page. A page that reads slowly skips states.
type hub struct {
	mu      sync.Mutex
	viewers map[chan []byte]bool
}

func (h *hub) join() (chan []byte, func()) {
	ch := make(chan []byte, 1)
	h.mu.Lock()
	h.viewers[ch] = true
	h.mu.Unlock()
	return ch, func() {
		h.mu.Lock()
		delete(h.viewers, ch)
		h.mu.Unlock()
	}
}

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.viewers) == 0
}

func (h *hub) send(event []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.viewers {
		select {
		case <-ch: // the state that it has not read is old now
		default:
		}
		ch <- event
	}
}

// Run sends the state to open pages, at every change and in between, until ctx ends.
func (p *Panel) Run(ctx context.Context) {
	t := time.NewTicker(p.cfg.Heartbeat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-p.cfg.Load.Changed():
		}
		if !p.hub.empty() {
			p.hub.send(p.event(false))
		}
	}
}

// now is the state with the whole curve or its end.
func (p *Panel) now(whole bool) state {
	at := time.Now()
	points := p.cfg.Load.History()
	if !whole && len(points) > tailPoints {
		points = points[len(points)-tailPoints:]
	}
	return stateOf(p.cfg.Load.View(at), points, whole, at.Unix())
}

func (p *Panel) event(whole bool) []byte {
	text, err := json.Marshal(p.now(whole))
	if err != nil {
		p.cfg.Log.Error("encode the panel's state", "error", err)
		return httpserve.Event("heartbeat", "{}")
	}
	return httpserve.Event("state", string(text))
}

// events streams the state to an open page, or gives it once, as JSON, to one that the stream does not reach.
func (p *Panel) events(c *gin.Context) error {
	if c.GetHeader("Accept") == "application/json" {
		c.Header("Cache-Control", "no-store")
		c.JSON(http.StatusOK, p.now(true))
		return nil
	}

	events, leave := p.hub.join()
	defer leave()
	s, err := httpserve.NewStream(c.Writer, c.Request)
	if err == nil {
		err = s.Send(p.event(true))
	}
	if err == nil {
		err = s.Follow(c.Request.Context(), events)
	}
	if err != nil {
		p.cfg.Log.Debug("a page is gone", "error", err)
	}
	return nil // the stream has begun: there is no status to send any more
}

// boardURL is where the leaderboard's instructor page is, as seen from who asks.
func (p *Panel) boardURL(r *http.Request) string {
	if p.cfg.BoardURL != "" {
		return p.cfg.BoardURL + "/instructor"
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return "http://" + net.JoinHostPort(host, "8080") + "/instructor"
}
