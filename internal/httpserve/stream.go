package httpserve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// How an event stream keeps itself honest.
const (
	HeartbeatEvery = 15 * time.Second
	writeWithin    = 5 * time.Second // a viewer that takes longer to read is cut off
)

// A Stream writes server-sent events to one viewer. It is not safe for concurrent use.
type Stream struct {
	w   http.ResponseWriter
	ctl *http.ResponseController
}

// NewStream sends the headers at once, with a retry time of 1 to 3 seconds that differs by viewer. A HEAD request
// gets the headers, and an error: there is no stream to write to.
func NewStream(w http.ResponseWriter, r *http.Request) (*Stream, error) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if isHead(r) {
		return nil, errHead
	}

	s := &Stream{w: w, ctl: http.NewResponseController(w)}
	return s, s.write([]byte(fmt.Sprintf("retry: %d\n\n", 1000+rand.IntN(2000))))
}

// Send writes what Event made.
func (s *Stream) Send(event []byte) error { return s.write(event) }

// Heartbeat writes the event that tells a page that the connection lives.
func (s *Stream) Heartbeat() error { return s.write([]byte("event: heartbeat\ndata: {}\n\n")) }

func (s *Stream) write(b []byte) error {
	if err := s.ctl.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.ctl.Flush()
}

// Event encodes one event, once for all viewers. Data may hold line ends of all three kinds that browsers
// know: \r\n, \n and \r. One that was left inside a line would end it, and what follows would be read as
// fields of the stream: a client id could forge events. Data arrives with \n for each of them. A name has none.
func Event(name, data string) []byte {
	var b strings.Builder
	b.WriteString("event: " + lineEnds.Replace(name) + "\n")

	for line := range strings.SplitSeq(oneLineEnd.Replace(data), "\n") {
		b.WriteString("data: " + line + "\n")
	}

	b.WriteString("\n")
	return []byte(b.String())
}

var (
	lineEnds   = strings.NewReplacer("\r", "", "\n", "")
	oneLineEnd = strings.NewReplacer("\r\n", "\n", "\r", "\n")
)

// Follow sends each value that arrives on events, and heartbeats between, until ctx ends, the
// channel closes or the viewer is gone.
func (s *Stream) Follow(ctx context.Context, events <-chan []byte) error {
	beat := time.NewTicker(HeartbeatEvery)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events:
			if !ok {
				return nil
			}
			if err := s.Send(e); err != nil {
				return err
			}
		case <-beat.C:
			if err := s.Heartbeat(); err != nil {
				return err
			}
		}
	}
}
