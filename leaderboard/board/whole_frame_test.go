package board

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"
)

// A frame can arrive in pieces. The page shows it when it has all of it, so that the room never sees rows in a layout that their
// order does not fit yet.
func TestAPageShowsNoHalfOfAFrame(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	cut := cutter{at: []byte("half one"), half: make(chan struct{}), rest: make(chan struct{})}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := cut
		c.ResponseWriter = w
		r.engine.ServeHTTP(c, req)
	}))
	t.Cleanup(srv.Close) // after the tab
	tab := browsertest.New(t)
	tab.Open(t, srv.URL+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live`)

	s.Public.Message = "half one"
	s.change(7, func(t *game.Team) { t.Name = "half two" })
	r.show(s)
	<-cut.half
	tab.Text(t, `(window.painted = 0, window.early = false, (function paint() {
		early ||= document.body.textContent.includes('half one');
		if (++painted < 20) requestAnimationFrame(paint);
	})())`)
	want(t, tab, `painted === 20`)
	if tab.Text(t, `early`) != "false" {
		t.Error("half of the frame was shown")
	}
	close(cut.rest)
	want(t, tab, `['half one', 'half two'].every(text => document.body.textContent.includes(text))`)
	quiet(t, tab)
}

// A cutter sends what contains a text in two pieces: up to the end of the event with the text, and, later, the rest.
type cutter struct {
	http.ResponseWriter
	at         []byte
	half, rest chan struct{} // half is closed when the first piece was sent; the second is sent when rest is closed
}

func (c cutter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c cutter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() } // a test server's writer can flush

func (c cutter) Write(p []byte) (int, error) {
	i := bytes.Index(p, c.at)
	if i < 0 {
		return c.ResponseWriter.Write(p)
	}

	end := i + bytes.Index(p[i:], []byte("\n\n")) + 2
	n, err := c.ResponseWriter.Write(p[:end])
	if err != nil {
		return n, err
	}
	c.Flush()
	close(c.half)
	<-c.rest
	if err := http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return n, err
	}
	m, err := c.ResponseWriter.Write(p[end:])
	return n + m, err
}
