package panel

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/producer-svc/control"

	"github.com/gin-gonic/gin"
)

// tailPoints is how many points of the history each state has, so that a viewer who skipped some has no gap.
const tailPoints = 30

// A state is what an open page displays.
type state struct {
	control.View
	Points  [][2]float64 `json:"points"` // target and achieved rate, one a second, the newest last
	Whole   bool         `json:"whole"`  // points are the whole history
	Seconds int64        `json:"seconds"`
}

// A hub sends the latest state to every open page. A page that reads slowly skips states.
type hub struct {
	mu      sync.Mutex           // guards viewers, and makes send the only sender
	viewers map[chan []byte]bool // each holds one event
}

// join adds a viewer; leave removes it.
func (h *hub) join() (events <-chan []byte, leave func()) {
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

// send replaces the event that a viewer has not read yet.
func (h *hub) send(event []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()

	for ch := range h.viewers {
		select {
		case <-ch:
		default:
		}
		ch <- event
	}
}

// Run sends the state to open pages after every change and every Heartbeat, until ctx ends.
func (p *Panel) Run(ctx context.Context) {
	t := time.NewTicker(p.cfg.Heartbeat)
	defer t.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-p.cfg.Controller.Changed():
		}

		if !p.hub.empty() {
			p.hub.send(p.event(false))
		}
	}
}

// currentState has the whole history or only its last tailPoints.
func (p *Panel) currentState(whole bool) state {
	now := time.Now()
	points := p.cfg.Controller.History()
	if !whole && len(points) > tailPoints {
		points = points[len(points)-tailPoints:]
	}

	s := state{
		View:    p.cfg.Controller.View(now),
		Points:  make([][2]float64, len(points)),
		Whole:   whole,
		Seconds: now.Unix(),
	}
	for i, point := range points {
		s.Points[i] = [2]float64{point.Target, point.Achieved}
	}
	return s
}

// event encodes the current state as a server-sent event.
func (p *Panel) event(whole bool) []byte {
	text, err := json.Marshal(p.currentState(whole))
	if err != nil {
		p.cfg.Log.Error("cannot encode the panel's state", "error", err)
		return httpserve.Event("heartbeat", "{}")
	}

	return httpserve.Event("state", string(text))
}

// events streams the state to an open page. A page behind a proxy that buffers streams polls it as JSON
// instead.
func (p *Panel) events(c *gin.Context) error {
	if c.GetHeader("Accept") == "application/json" {
		c.Header("Cache-Control", "no-store")
		c.JSON(http.StatusOK, p.currentState(true))
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
		p.cfg.Log.Debug("panel page disconnected", "error", err)
	}
	return nil // the stream has begun, so no status can be sent
}

// boardURL returns the address of the leaderboard's instructor page. Without a configured one it is port
// 8080 of the host that the browser used for the panel.
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
