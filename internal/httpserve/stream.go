package httpserve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Timing of event streams.
const (
	HeartbeatEvery = 15 * time.Second
	writeTimeout   = 5 * time.Second // a viewer that reads more slowly is disconnected
)

// A Stream writes server-sent events to one viewer. It is not safe for concurrent use.
type Stream struct{ to streamWriter }

// A streamWriter is a connection, or the response of a standard server.
type streamWriter interface {
	Write(p []byte) (int, error)
	SetWriteDeadline(t time.Time) error
}

// A response flushes what it writes.
type response struct {
	http.ResponseWriter
	*http.ResponseController
}

func (r response) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	if err != nil {
		return n, err
	}
	return n, r.Flush()
}

// NewStream sends the headers, and a random retry time of 1 to 3 seconds, so that viewers do not reconnect all at once.
// For a HEAD request it sends the headers and returns an error: there is no stream.
func NewStream(w http.ResponseWriter, r *http.Request) (*Stream, error) {
	streamHeader(w)
	w.WriteHeader(http.StatusOK)
	if isHead(r) {
		return nil, errHead
	}

	s := &Stream{response{w, http.NewResponseController(w)}}
	return s, s.write(retry())
}

func streamHeader(w http.ResponseWriter) http.Header {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	return h
}

func retry() []byte { return fmt.Appendf(nil, "retry: %d\n\n", 1000+rand.IntN(2000)) }

// Send writes an event that Event has encoded.
func (s *Stream) Send(event []byte) error { return s.write(event) }

// Heartbeat writes an event that shows the page that the connection is alive.
func (s *Stream) Heartbeat() error { return s.write([]byte("event: heartbeat\ndata: {}\n\n")) }

func (s *Stream) write(b []byte) error {
	if err := s.to.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := s.to.Write(b)
	return err
}

// Event encodes one event, once for all viewers. Data may contain the line ends that browsers know: \r\n, \n and \r.
// Each becomes a \n in the page. Left as it is, a \r in a client ID would end the line, and the rest could forge
// events. Line ends in the name are removed.
func Event(name, data string) []byte {
	var b strings.Builder
	b.WriteString("event: " + removeLineEnds.Replace(name) + "\n")

	for line := range strings.SplitSeq(unifyLineEnds.Replace(data), "\n") {
		b.WriteString("data: " + line + "\n")
	}

	b.WriteString("\n")
	return []byte(b.String())
}

var (
	removeLineEnds = strings.NewReplacer("\r", "", "\n", "")
	unifyLineEnds  = strings.NewReplacer("\r\n", "\n", "\r", "\n")
)

// Follow sends the events of a channel, and heartbeats, until ctx ends, the channel closes or the viewer
// disconnects.
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
