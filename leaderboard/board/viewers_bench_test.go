package board

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

// discard is a viewer's connection that accepts everything at once and counts it.
type discard struct {
	header http.Header
	got    chan<- int
}

func (d *discard) Header() http.Header              { return d.header }
func (d *discard) WriteHeader(int)                  {}
func (d *discard) Write(p []byte) (int, error)      { d.got <- len(p); return len(p), nil }
func (d *discard) Flush()                           {}
func (d *discard) SetWriteDeadline(time.Time) error { return nil }

func BenchmarkPublishTo5000Viewers(b *testing.B) {
	const viewers = 5000
	s := newSample(15)
	r := newRoom(b, s)
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan int, viewers)
	done := make(chan struct{}, viewers)
	for range viewers {
		go func() {
			defer func() { done <- struct{}{} }()
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "/events", http.NoBody)
			r.engine.ServeHTTP(&discard{header: http.Header{}, got: got}, req)
		}()
	}
	for range 4 * viewers { // retry, hello, all parts, whole
		<-got
	}
	for b.Loop() {
		s.change(7, func(t *game.Team) { t.Points += 10 })
		r.Publish(s.View)
		for range viewers {
			<-got
		}
	}
	cancel()
	for range viewers {
		<-done
	}
}

func BenchmarkPublish100TeamsAllChanged(b *testing.B) {
	s := newSample(100)
	r := newRoom(b, s)
	for b.Loop() {
		for n := range 100 {
			s.change(n+1, func(t *game.Team) { t.MoreMembers++ })
		}
		r.show(s)
		_ = r.feedOf(feedKey{kind: roomPages, number: 1}).now.Load().since(0)
	}
}

// Viewers over real connections: measures the time of one update until the last viewer has it.
func BenchmarkViewersOverTCP(b *testing.B) {
	for _, viewers := range []int{500, 5000} {
		b.Run(strconv.Itoa(viewers), func(b *testing.B) {
			s := newSample(15)
			r := newRoom(b, s)
			got := make(chan struct{}, viewers)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for i := range viewers {
				dialViewer(b, r.server.Listener.Addr().String(), i, got)
			}
			for range viewers {
				<-got
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			for i := 0; b.Loop(); i++ {
				s.Public.Message = "message " + strconv.Itoa(i)
				r.Publish(s.View)
				for range viewers {
					<-got
				}
			}
			// Both ends of the connection, because both are in this process.
			b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/float64(viewers), "B/viewer")
		})
	}
}

// dialViewer reads events as cheaply as possible, and reports each arrival of the say part. Viewers use thirty addresses,
// because one address alone gets only two thirds of the places.
func dialViewer(b *testing.B, addr string, number int, got chan<- struct{}) net.Conn {
	b.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+number%30))}}
	c, err := from.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	if _, err := c.Write([]byte("GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")); err != nil {
		b.Fatal(err)
	}
	go func() {
		buf := make([]byte, 2048)
		var tail []byte
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			tail = append(tail, buf[:n]...)
			for range bytes.Count(tail, []byte(`<div id="say"`)) {
				got <- struct{}{}
			}
			tail = append([]byte(nil), tail[max(0, len(tail)-12):]...)
		}
	}()
	return c
}
