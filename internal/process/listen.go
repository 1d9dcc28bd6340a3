package process

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// Listen chooses ports below the ephemeral range, which starts at 32768 on Linux and at 49152 elsewhere (RFC 6335,
// section 6). So the system gives the port to no other process between our closing it and a child's listening on it.
const firstPort, ports = 20_000, 12_000

// chosen counts through the ports from a random start: no port is chosen twice in a row, and two programs
// rarely choose the same one.
var chosen atomic.Uint32

func init() { chosen.Store(rand.Uint32N(ports)) }

// Listen listens on a port of host; 0 chooses a free one.
func Listen(host string, port int) (ln net.Listener, err error) {
	if port != 0 {
		return net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	}

	for range 100 {
		if ln, err = Listen(host, firstPort+int(chosen.Add(1)%ports)); err == nil {
			return ln, nil
		}
	}
	return nil, err
}

// FreeAddr returns a free host:port for a process that is about to listen on it.
func FreeAddr(host string) (string, error) {
	ln, err := Listen(host, 0)
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// Loopback reports whether addr, a host:port, is reachable only from this machine.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}

	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
