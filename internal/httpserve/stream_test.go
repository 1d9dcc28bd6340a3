package httpserve

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestServeEndsItsStreams(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(ln.Addr().String()); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("the same port again: %v", err)
	}
	events, ended := make(chan []byte, 1), make(chan bool, 2)
	events <- Event("state", "one\ntwo")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Of-A-Middleware", "yes")
		StreamTo(w, r, func() { ended <- true }, func(ctx context.Context, s *Stream) {
			if err := s.Follow(ctx, events); err != nil {
				t.Error(err)
			}
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, ln, h, slog.New(slog.DiscardHandler)) }()
	resp, err := http.Get("http://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if h := resp.Header; h.Get("Content-Type") != "text/event-stream" || h.Get("X-Of-A-Middleware") != "yes" || h.Get("Date") == "" || resp.ContentLength >= 0 {
		t.Errorf("%d %v", resp.ContentLength, h)
	}
	var got bytes.Buffer
	for !strings.Contains(got.String(), "two\n\n") {
		b := make([]byte, 64)
		n, err := resp.Body.Read(b)
		got.Write(b[:n])
		if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(got.String(), "event: state\ndata: one\ndata: two\n\n") || !strings.HasPrefix(got.String(), "retry: ") {
		t.Errorf("%q", got.String())
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("it ended with %v", err)
	}
	select {
	case <-ended:
	default:
		t.Error("the server has ended, and the stream has not")
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestAViewerWhoNeverReadsIsCutOff fills the connection of a viewer that does not read.
func TestAViewerWhoNeverReadsIsCutOff(t *testing.T) {
	t.Run("attached", func(t *testing.T) { neverReads(t, func(*http.Server) {}) })
	t.Run("detached", func(t *testing.T) {
		d, base := NewDetached(t.Context())
		neverReads(t, func(s *http.Server) { s.BaseContext = func(net.Listener) context.Context { return base } })
		d.Wait(t.Context())
	})
}

func neverReads(t *testing.T, configure func(*http.Server)) {
	t.Helper()
	ended := make(chan error, 1)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		StreamTo(w, r, func() {}, func(_ context.Context, s *Stream) {
			big := Event("state", strings.Repeat("x", 1<<20))
			var err error
			for err == nil {
				err = s.Send(big)
			}
			ended <- err
		})
	})
	srv := httptest.NewUnstartedServer(h)
	configure(srv.Config)
	srv.Start()
	defer srv.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	late := time.NewTimer(2 * writeTimeout)
	defer late.Stop()
	select {
	case err := <-ended:
		t.Log(err)
	case <-late.C:
		t.Error("the stream still waits for its reader")
	}
}
