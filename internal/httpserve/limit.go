package httpserve

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// MaxConnections is how many connections a service has at a time. Four fifths of them may be event streams, enough for
// 20,000 viewers. The process's limit of open files may allow fewer.
const MaxConnections = 26_000

// limits are the limits of one service.
type limits struct {
	connections int           // in total
	reserve     int           // of these, reserved for this machine, so that the instructor's laptop always gets in
	response    time.Duration // for writing a response; streams and downloads set their own
}

func defaultLimits() limits {
	return limits{connections: connections(), reserve: 100, response: 30 * time.Second}
}

// connections returns how many connections the limit of open files allows, with files left for Kafka, Postgres and
// downloads.
func connections() int {
	const others, least = 256, 64
	return min(MaxConnections, max(least, openFiles()-others))
}

// A pool is a bounded number of places. A party may hold at most twice as many as are free: a single greedy one gets two
// thirds, and each further one less, so that a newcomer always finds a place. Two thirds are enough for a whole room
// behind one address (NAT, a reverse proxy), and one laptop cannot lock out the others.
type pool struct {
	mu   sync.Mutex // guards what follows
	max  int
	used int
	held map[netip.Prefix]int
}

func newPool(most int) *pool { return &pool{max: most, held: map[netip.Prefix]int{}} }

// acquire reports whether the party got a place. It leaves reserve places free.
func (s *pool) acquire(p netip.Prefix, reserve int) bool {
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

// release returns a place.
func (s *pool) release(p netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.used--
	s.held[p]--
	if s.held[p] == 0 {
		delete(s.held, p)
	}
}

// A limitListener limits the connections of each party. It always accepts, since a connection has no address before
// that. If a party is at its limit, a random one of its connections is closed for the new one. Behind a NAT, that most
// likely hits the laptop with the most connections, and pages still load for all others.
type limitListener struct {
	net.Listener
	pool    *pool
	reserve int

	mu    sync.Mutex // guards conns
	conns map[netip.Prefix]map[*limitedConn]bool
}

func newLimitListener(ln net.Listener, lim limits) *limitListener {
	return &limitListener{
		Listener: ln, pool: newPool(lim.connections), reserve: lim.reserve,
		conns: map[netip.Prefix]map[*limitedConn]bool{},
	}
}

// sendBuffer is the size of a connection's send buffer in bytes, which the kernel doubles. By default it grows to
// megabytes, and a viewer that does not read is noticed only when it is full.
const sendBuffer = 128 << 10

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}

		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(sendBuffer) // without it, the kernel's default applies
		}
		if c := l.admit(conn); c != nil {
			return c, nil
		}

		_ = conn.Close() // nothing was sent on it
	}
}

// admit finds a place for a connection. It returns nil if there is none.
func (l *limitListener) admit(conn net.Conn) net.Conn {
	p := Party(conn.RemoteAddr().String())
	reserve := l.reserve
	if p.Addr().IsLoopback() {
		reserve = 0
	}

	got := l.pool.acquire(p, reserve)
	if !got && l.closeOne(p) {
		got = l.pool.acquire(p, reserve)
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

// closeOne closes a random connection of the party: Go's order of maps is random.
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

	_ = one.Close() // its place is released in any case
	return true
}

func (l *limitListener) forget(p netip.Prefix, c *limitedConn) {
	l.mu.Lock()
	delete(l.conns[p], c)
	if len(l.conns[p]) == 0 {
		delete(l.conns, p)
	}

	l.mu.Unlock()

	l.pool.release(p)
}

// A limitedConn releases its place when it is closed.
type limitedConn struct {
	net.Conn
	end func()
}

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.end()
	return err
}

// Streams limits the event streams that anybody may open, so that connections are left for pages and for the
// instructor, whose streams are not counted.
type Streams struct{ pool *pool }

// NewStreams returns a limit of four fifths of the connections.
func NewStreams() *Streams { return &Streams{newPool(connections() * 4 / 5)} }

// Open counts a stream of the caller until end is called. Its error is a 503, after which pages poll and try again.
func (s *Streams) Open(c *gin.Context) (end func(), err error) {
	p := Party(c.ClientIP())
	if !s.pool.acquire(p, 0) {
		c.Header("Retry-After", "10")
		return nil, Status(http.StatusServiceUnavailable, "too many event streams are open: poll /api/board every few seconds instead")
	}
	return func() { s.pool.release(p) }, nil
}
