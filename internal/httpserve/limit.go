package httpserve

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// MaxConnections is how many connections a service holds at a time: a room of 5,000 viewers, and as
// much again. The process's limit of open files may allow fewer.
const MaxConnections = 10_000

// Limits of one service.
type limits struct {
	connections int           // in all
	reserve     int           // of them for this machine alone: the instructor's own laptop always gets in
	response    time.Duration // how long a reader may take for a response; streams and downloads set their own
}

func defaultLimits() limits {
	return limits{connections: connections(), reserve: 100, response: 30 * time.Second}
}

// connections leaves files for Kafka, Postgres and downloads.
func connections() int {
	const others, least = 256, 64
	return min(MaxConnections, max(least, openFiles()-others))
}

// A share hands out a bounded number of places. One party may hold at most twice as many as it leaves free: alone it
// gets two thirds, and each further greedy party less, so that somebody new always finds a place. That is enough for a
// whole room behind one address (NAT, a reverse proxy), and one laptop locks nobody out.
type share struct {
	mu   sync.Mutex // guards what follows
	max  int
	used int
	held map[netip.Prefix]int
}

func newShare(most int) *share { return &share{max: most, held: map[netip.Prefix]int{}} }

// take reports whether the party got a place; give returns it. A reserve is left free of the places.
func (s *share) take(p netip.Prefix, reserve int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	free := s.max - reserve - s.used
	if free <= 0 || s.held[p] >= 2*free {
		return false
	}

	s.used++
	s.held[p]++
	return true
}

func (s *share) give(p netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.used--
	s.held[p]--
	if s.held[p] == 0 {
		delete(s.held, p)
	}
}

// A limitListener bounds the connections of its parties. It always accepts, for a connection that waits in the kernel
// has no address yet. When a party is at its limit, one of its own connections, any one, is closed for the new one:
// behind a NAT that is most likely one of the laptop that holds most, and pages go on loading for all others there.
type limitListener struct {
	net.Listener
	share   *share
	reserve int

	mu    sync.Mutex // guards conns
	conns map[netip.Prefix]map[*limitedConn]bool
}

func newLimitListener(ln net.Listener, lim limits) *limitListener {
	return &limitListener{
		Listener: ln, share: newShare(lim.connections), reserve: lim.reserve,
		conns: map[netip.Prefix]map[*limitedConn]bool{},
	}
}

// sendBuffer is what the kernel keeps for a reader, in bytes; it doubles it. Its own choice grows to megabytes, and a
// viewer that reads nothing would be noticed only when those are full.
const sendBuffer = 128 << 10

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}

		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(sendBuffer) // the kernel's choice would do
		}
		if c := l.admit(conn); c != nil {
			return c, nil
		}
		_ = conn.Close() // nothing was said on it
	}
}

// admit finds a place for a connection; nil when there is none.
func (l *limitListener) admit(conn net.Conn) net.Conn {
	p := Party(conn.RemoteAddr().String())
	reserve := l.reserve
	if p.Addr().IsLoopback() {
		reserve = 0
	}

	got := l.share.take(p, reserve)
	if !got && l.closeOne(p) {
		got = l.share.take(p, reserve)
	}
	if !got {
		return nil
	}

	c := &limitedConn{Conn: conn}
	c.end = sync.OnceFunc(func() { l.forget(p, c) })
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[p] == nil {
		l.conns[p] = map[*limitedConn]bool{}
	}
	l.conns[p][c] = true
	return c
}

// closeOne closes any connection of the party: Go ranges over a map in no order.
func (l *limitListener) closeOne(p netip.Prefix) bool {
	l.mu.Lock()
	var one *limitedConn
	for c := range l.conns[p] {
		one = c
		break
	}
	l.mu.Unlock()

	if one == nil {
		return false
	}
	_ = one.Close() // it is to be gone, whatever it says
	return true
}

func (l *limitListener) forget(p netip.Prefix, c *limitedConn) {
	l.mu.Lock()
	delete(l.conns[p], c)
	if len(l.conns[p]) == 0 {
		delete(l.conns, p)
	}
	l.mu.Unlock()

	l.share.give(p)
}

// A limitedConn gives its place back when it is closed.
type limitedConn struct {
	net.Conn
	end func()
}

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.end()
	return err
}

// Streams bounds the event streams that anybody may open, so that connections stay for pages, and for whoever is
// logged in: those streams are not counted.
type Streams struct{ share *share }

// NewStreams takes four fifths of the connections.
func NewStreams() *Streams { return &Streams{newShare(connections() * 4 / 5)} }

// Open counts a stream of the caller until end is called. Its error is a 503: pages then poll, and try again.
func (s *Streams) Open(c *gin.Context) (end func(), err error) {
	p := Party(c.ClientIP())
	if !s.share.take(p, 0) {
		c.Header("Retry-After", "10")
		return nil, Status(http.StatusServiceUnavailable, "too many event streams are open: ask /api/board every few seconds instead")
	}
	return func() { s.share.give(p) }, nil
}
