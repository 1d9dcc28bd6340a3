package process

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// The ports that Listen chooses from lie below those that systems give away by themselves, to
// connections and to listeners that ask for any: 32768 and up on Linux, 49152 and up elsewhere (RFC
// 6335, section 6). So one stays free between our closing it and a process that is told to listen there.
const firstPort, ports = 20_000, 12_000

// chosen goes round the ports from somewhere, so that none is chosen twice in a row and two programs
// hardly choose the same.
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

// FreeAddr is an address of host, with its port, for a process that is about to listen there.
func FreeAddr(host string) (string, error) {
	ln, err := Listen(host, 0)
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// Loopback reports whether an address, host and port, can be reached from this machine alone.
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
