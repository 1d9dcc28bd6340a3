package httpserve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// The standard server keeps everything that it read a request with for as long as a handler runs: buffers, the request,
// the handler's stack. An event stream lasts for hours and needs none of it, so it takes over the connection, and the
// handler returns. The code below then does the server's part: it ends streams with the server, and when their viewers
// disconnect.

// Detached are the event streams of one server that have left it.
type Detached struct {
	ctx     context.Context // the server's: it outlives every request
	streams sync.WaitGroup
}

type detachedKey struct{}

// NewDetached returns the streams of a server that ends with ctx, and the base context for the server's requests.
func NewDetached(ctx context.Context) (*Detached, context.Context) {
	d := &Detached{ctx: ctx}
	return d, context.WithValue(ctx, detachedKey{}, d)
}

// Wait waits until all streams have ended, but no longer than ctx.
func (d *Detached) Wait(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		d.streams.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// StreamTo runs follow, which sends events to a viewer, and then calls end. It returns at once if the connection can
// leave its server, and otherwise when the stream has ended. The context of follow ends when the viewer has
// disconnected.
func StreamTo(w http.ResponseWriter, r *http.Request, end func(), follow func(context.Context, *Stream)) {
	d, _ := r.Context().Value(detachedKey{}).(*Detached)
	if d == nil || isHead(r) || r.ProtoMajor != 1 {
		defer end()
		if s, err := NewStream(w, r); err == nil {
			follow(r.Context(), s)
		}
		return
	}

	header := streamHeader(w)
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	header.Set("Connection", "close") // the stream ends with it
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		end() // the viewer has disconnected
		return
	}
	d.streams.Add(1)
	go d.run(conn, header, end, follow)
}

func (d *Detached) run(conn net.Conn, header http.Header, end func(), follow func(context.Context, *Stream)) {
	defer d.streams.Done()
	defer end()
	ctx, gone := context.WithCancel(d.ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		defer gone()
		discard(conn)
	}()

	if s, err := newDetachedStream(conn, header); err == nil {
		follow(ctx, s)
	}
	gone()
	_ = conn.Close() // unsent data is not missed: the page reconnects
	<-watched
}

// discard reads until the viewer disconnects. It sends nothing that matters.
func discard(conn net.Conn) {
	var b [16]byte
	for {
		if _, err := conn.Read(b[:]); err != nil {
			return
		}
	}
}

// newDetachedStream sends the response's head.
func newDetachedStream(conn net.Conn, header http.Header) (*Stream, error) {
	s := &Stream{to: conn}
	head := headOf(header)
	return s, errors.Join(s.write(head), s.write(retry()))
}

func headOf(header http.Header) []byte {
	var b lines
	_, _ = fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", http.StatusOK, http.StatusText(http.StatusOK)) // it cannot fail
	_ = header.Write(&b)                                                                        // as above
	return append(b, "\r\n"...)
}

type lines []byte

func (l *lines) Write(p []byte) (int, error) {
	*l = append(*l, p...)
	return len(p), nil
}
