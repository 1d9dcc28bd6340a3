package httpserve

import (
	"net"
	"net/netip"
)

// Party returns the key by which limits count a caller: its IPv4 address, or the /64 network of its IPv6
// address, since one machine has that for itself. All texts that are not addresses share one party.
func Party(address string) netip.Prefix {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}

	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}

	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}

	p, _ := ip.Prefix(bits) // cannot fail: the lengths are valid
	return p
}
