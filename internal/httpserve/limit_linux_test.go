package httpserve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"

	"github.com/gin-gonic/gin"
)

// from returns a dialer that connects from one address of this machine.
func from(ip string) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: 20 * time.Second}
}

// load fetches a page from an address over a new connection.
func load(t *testing.T, ip, url string) (status int, err error) {
	t.Helper()
	transport := &http.Transport{DialContext: from(ip).DialContext, DisableKeepAlives: true}
	client := http.Client{Transport: transport, Timeout: 20 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// limited starts a service with a page and a public stream, under a test's limits.
func limited(t *testing.T, lim limits, streams *Streams) (addr string) {
	t.Helper()
	e := Engine(slog.New(slog.DiscardHandler), "")
	e.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "a page") })
	e.GET("/large", func(c *gin.Context) { c.String(http.StatusOK, strings.Repeat("x", 16<<20)) })
	e.GET("/events", Handle(func(c *gin.Context) error {
		end, err := streams.Open(c)
		if err != nil {
			return err
		}
		StreamTo(c.Writer, c.Request, end, func(ctx context.Context, s *Stream) { _ = s.Follow(ctx, nil) })
		return nil
	}))

	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, ln, e, slog.New(slog.DiscardHandler), lim) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// flood opens streams from one address and keeps them open. It returns when each was answered or closed.
func flood(t *testing.T, ip, addr string, streams int) {
	t.Helper()
	var opening sync.WaitGroup
	gate := make(chan bool, 64)
	for range streams {
		gate <- true
		opening.Go(func() {
			defer func() { <-gate }()
			conn, err := from(ip).Dial("tcp", addr)
			if err != nil {
				return // closed before it was accepted
			}
			t.Cleanup(func() { _ = conn.Close() })
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			_, _ = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			_, _ = conn.Read(make([]byte, 1)) // its end will do as well
		})
	}
	opening.Wait()
}

func TestOneLaptopLocksNobodyOut(t *testing.T) {
	// Both ends of a connection are open files of this process.
	connections := min(MaxConnections, (openFiles()-500)/2)
	lim := defaultLimits()
	lim.connections = connections
	streams := &Streams{newPool(connections * 4 / 5)}
	addr := limited(t, lim, streams)

	flood(t, "127.0.0.2", addr, connections+50)

	// Another address, and another client behind the same address.
	for _, ip := range []string{"127.0.0.1", "127.0.0.3", "127.0.0.2"} {
		for range 20 {
			if status, err := load(t, ip, "http://"+addr+"/"); err != nil || status != http.StatusOK {
				t.Fatalf("%d streams from 127.0.0.2: a page for %s: %d, %v", connections+50, ip, status, err)
			}
		}
	}

	streams.pool.mu.Lock()
	held := streams.pool.used
	streams.pool.mu.Unlock()
	t.Logf("%d connections allowed, %d streams open", connections, held)
	if least := connections / 2; held < least {
		t.Errorf("%d streams are open: a room of %d behind one address does not get in", held, least)
	}

	conn, err := from("127.0.0.3").Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	head := make([]byte, len("HTTP/1.1 200 OK"))
	if _, err := io.ReadFull(conn, head); err != nil || string(head) != "HTTP/1.1 200 OK" {
		t.Errorf("a stream for somebody else: %q, %v", head, err)
	}
}

func TestOverTheLimitAStreamIsToldToPoll(t *testing.T) {
	e := gin.New()
	streams := &Streams{newPool(6)}
	var ends []func()
	e.GET("/events", Handle(func(c *gin.Context) error {
		end, err := streams.Open(c)
		ends = append(ends, end)
		return err
	}))
	open := func(ip string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/events", http.NoBody)
		r.RemoteAddr = ip + ":4711"
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w
	}

	for i, want := range []int{200, 200, 200, 200, 503} {
		w := open("10.0.0.1")
		if w.Code != want || want == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("stream %d of one address: %d, %v", i+1, w.Code, w.Header())
		}
	}
	if w := open("10.0.0.2"); w.Code != 200 {
		t.Errorf("a stream of another address: %d", w.Code)
	}
	ends[0]()
	if w := open("10.0.0.1"); w.Code != 200 {
		t.Errorf("a stream after another has ended: %d", w.Code)
	}
}

// A reserve is for this machine: the network's addresses cannot use it.
func TestThisMachineKeepsAReserve(t *testing.T) {
	s := newPool(100)
	for i := range 200 {
		s.acquire(Party("10.0.0."+strconv.Itoa(i%10)), 20)
	}
	if s.acquire(Party("10.0.1.1"), 20) && s.used > 80 {
		t.Errorf("%d of 100 are used from the network", s.used)
	}
	if !s.acquire(Party("127.0.0.1"), 0) {
		t.Error("this machine finds no place")
	}
	for party, n := range s.held {
		for range n {
			s.release(party)
		}
	}
	if s.used != 0 || len(s.held) != 0 {
		t.Errorf("after all have left: %d used, %v", s.used, s.held)
	}
}

// A response that nobody reads is cut off, too, not only a stream.
func TestAResponseThatNobodyReadsIsCutOff(t *testing.T) {
	lim := limits{connections: 10, response: 200 * time.Millisecond}
	addr := limited(t, lim, NewStreams())
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}

	// Data in flight arrives; then the connection ends, before the whole response was sent.
	_ = conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
	for err == nil {
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\n") // fails once the other end is closed
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

// A stream that has left its server ends when its viewer disconnects, and releases its place.
func TestADetachedStreamEndsWithItsViewer(t *testing.T) {
	streams := &Streams{newPool(3)}
	addr := limited(t, defaultLimits(), streams)
	for range 10 { // more than there are places
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 15)
		if _, err := io.ReadFull(conn, head); err != nil || string(head) != "HTTP/1.1 200 OK" {
			t.Fatalf("%q %v", head, err)
		}
		_ = conn.Close() // a viewer does not care
		wait.Until(t, "a free place", func() bool {
			streams.pool.mu.Lock()
			defer streams.pool.mu.Unlock()
			return streams.pool.used == 0
		})
	}

	resp, err := http.Head("http://" + addr + "/events")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // a HEAD has none
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %d %v", resp.StatusCode, resp.Header)
	}
}
