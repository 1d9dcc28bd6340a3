package truth

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
)

// A link is a process's network to the brokers, which a script can cut.
type link struct {
	mu      sync.Mutex // guards what follows
	down    bool
	refused chan struct{} // closed by the first attempt to connect while the link is down
	conns   []net.Conn
}

// dial is the Dial of a kafka.Config.
func (l *link) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		if l.refused != nil {
			close(l.refused)
			l.refused = nil
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}

	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	l.conns = append(l.conns, conn)
	return conn, nil
}

// cut breaks all connections and refuses new ones; the channel is closed when the process has tried to connect again.
func (l *link) cut() (refused <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	l.refused = make(chan struct{})
	for _, conn := range l.conns {
		_ = conn.Close() // some are closed already
	}
	l.conns = nil
	return l.refused
}

// mend ends a cut.
func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
