package httpserve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in-memory pairs, so that they run on a test's fake clock.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.ended); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// dial opens a connection to the service.
func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// endsAfter reads a connection until the service closes it.
func endsAfter(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	if err := conn.SetReadDeadline(began.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, conn) // only its end matters
	return time.Since(began)
}

// A connection that sends nothing, or next to nothing, is closed.
func TestAConnectionThatSaysTooLittleIsClosed(t *testing.T) {
	for what, c := range map[string]struct {
		says  string
		least time.Duration // a slow laptop in a full room needs some
		most  time.Duration
	}{
		"nothing":                         {"", time.Second, 5 * time.Second},
		"half of a header":                {"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", time.Second, 5 * time.Second},
		"a body that does not come":       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n", 5 * time.Second, 15 * time.Second},
		"one request and then no other":   {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 5 * time.Second, 60 * time.Second},
		"a header that does not end soon": {"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + strings.Repeat("x", 40<<10), 0, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ln := newPipes()
			ctx, cancel := context.WithCancel(t.Context())
			served := make(chan error, 1)
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
			go func() { served <- Serve(ctx, ln, h, slog.New(slog.DiscardHandler)) }()

			conn := ln.dial()
			go func() { _, _ = io.WriteString(conn, c.says) }() // fails once it is closed
			if took := endsAfter(t, conn); took < c.least || took > c.most {
				t.Errorf("%s: closed after %v, want %v to %v", what, took, c.least, c.most)
			}

			_ = conn.Close()
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}

// Serve limits the service's connections.
func TestServeBoundsItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		go func() {
			served <- serve(ctx, ln, h, slog.New(slog.DiscardHandler), limits{connections: 3, response: time.Minute})
		}()

		var conns []net.Conn
		for range 10 {
			conns = append(conns, ln.dial())
			synctest.Wait()
		}
		open := 0
		for _, c := range conns {
			_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				open++
			}
			_ = c.Close()
		}
		if open == 0 || open > 3 {
			t.Errorf("%d connections are open, want 1 to 3", open)
		}
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// The connection limit leaves open files for Kafka, Postgres and downloads.
func TestConnectionsLeaveFilesForTheRest(t *testing.T) {
	if n := connections(); n < 64 || n > MaxConnections || n > max(64, openFiles()-200) {
		t.Errorf("%d connections of %d files", n, openFiles())
	}
	lim := defaultLimits()
	if lim.connections != connections() || lim.reserve < 1 || lim.response <= 0 {
		t.Errorf("limits %+v", lim)
	}
	if NewStreams().pool.max >= connections() {
		t.Error("streams may take every connection: pages find none")
	}
}

// Logins and bearer tokens share one guard with one budget, which wrong guesses use up: with the queue, and without.
func TestBothWaysToGuessTheTokenShareOneGuard(t *testing.T) {
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	ways := map[string]func(h http.Handler, guess string) int{
		"login": func(h http.Handler, guess string) int { return ask(h, "POST", "/login", "token="+guess, form...).Code },
		"bearer": func(h http.Handler, guess string) int {
			return ask(h, "GET", "/", "", "Authorization", "Bearer "+guess).Code
		},
	}
	for name, way := range ways {
		auth := NewAuth(token)
		e := service(auth)
		before := auth.guard.left
		if code := way(e, "wrong"); code != http.StatusUnauthorized {
			t.Errorf("%s: a wrong guess: %d", name, code)
		}
		if spent := before - auth.guard.left; spent < 0.5 {
			t.Errorf("%s: a wrong guess costs %.2f of the budget", name, spent)
		}

		auth.guard.left = 0
		for other, way := range ways {
			if code := way(e, string(token)); code != http.StatusTooManyRequests {
				t.Errorf("after the budget is used up by %s, %s answers %d", name, other, code)
			}
		}
	}
}

// A wrong token is answered late, whichever way it was sent.
func TestAWrongTokenTakesItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		auth := NewAuth(token)
		e := service(auth)
		auth.guard.delay.Pause = time.Second
		for name, header := range map[string][]string{
			"login":  {"POST", "/login", "token=wrong", "Content-Type", "application/x-www-form-urlencoded"},
			"bearer": {"GET", "/", "", "Authorization", "Bearer wrong"},
		} {
			began := time.Now()
			ask(e, header[0], header[1], header[2], header[3:]...)
			if took := time.Since(began); took != time.Second {
				t.Errorf("%s: a wrong token is answered after %v", name, took)
			}
		}
		began := time.Now()
		ask(e, "GET", "/", "", "Authorization", bearer)
		if took := time.Since(began); took != 0 {
			t.Errorf("the right one is answered after %v", took)
		}
	})
}

// A correct guess costs nothing, and a wrong one from a new address is checked in spite of a flood.
func TestAGuardChargesWrongGuessesAlone(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	g := NewGuard(2_000, now)
	from := Party("192.168.1.7")
	for range 1000 {
		g.check(now, from, always)
	}
	if g.left != g.budget {
		t.Errorf("right guesses cost %v", g.budget-g.left)
	}

	looked := 0
	for range 1000 {
		if _, allowed := g.check(now, from, never); allowed {
			looked++
		}
	}
	if looked > int(g.budget/2)+lightGuesses {
		t.Errorf("one address has %d guesses looked at, of %v for all", looked, g.budget)
	}
	looked = 0
	for i := range 1000 {
		if _, allowed := g.check(now, Party(fmt.Sprintf("10.0.%d.%d", i/250, i%250)), never); allowed {
			looked++
		}
	}
	if looked > int(g.budget) {
		t.Errorf("%d guesses of many addresses are looked at, of %v for all", looked, g.budget)
	}
}
