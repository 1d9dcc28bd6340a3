package httpserve

import (
	"net"
	"net/netip"
)

// Party is what one caller can be expected to have for itself: an IPv4 address, or an IPv6 network of /64.
// Limits count by it. Anything that is no address, with or without a port, is one party of its own.
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
	p, _ := ip.Prefix(bits) // both numbers are valid for their kind
	return p
}
