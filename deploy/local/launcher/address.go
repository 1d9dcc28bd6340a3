package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// An address is an IPv4 address of this machine, with its interface.
type address struct {
	ip     netip.Addr
	device string
}

// roomAddress returns this machine's only private, non-virtual IPv4 address. If there are several, it is an
// error: only the instructor knows which of them the room can reach.
func roomAddress() (string, error) {
	return chooseAddress(ownAddresses())
}

func chooseAddress(own []address) (string, error) {
	var found []address
	for _, a := range own {
		if a.ip.IsPrivate() && !isVirtual(a.device) {
			found = append(found, a)
		}
	}

	switch len(found) {
	case 1:
		return found[0].ip.String(), nil
	case 0:
		return "", fmt.Errorf("--class found no private address of this machine: join the room's network first, or set the address with --listen%s", list(own))
	}

	return "", fmt.Errorf("--class found several addresses: set the room's with --listen%s", list(found))
}

// list formats addresses for an error message.
func list(all []address) string {
	if len(all) == 0 {
		return ""
	}

	words := make([]string, len(all))
	for i, a := range all {
		words[i] = fmt.Sprintf("%s (%s)", a.ip, a.device)
	}

	return ": " + strings.Join(words, ", ")
}

// ownAddresses returns the IPv4 addresses of the interfaces that are up, except loopback and link-local ones.
func ownAddresses() []address {
	interfaces, _ := net.Interfaces() // after an error, callers fall back to loopback
	var out []address
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}

		all, _ := i.Addrs()
		for _, a := range all {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && prefix.Addr().Is4() && !prefix.Addr().IsLinkLocalUnicast() {
				out = append(out, address{prefix.Addr(), i.Name})
			}
		}
	}

	return out
}

// virtualPrefixes are prefixes of the interface names of containers, virtual machines and VPNs. No laptop in the room
// is reachable through one of them.
var virtualPrefixes = []string{
	"docker", "br-", "veth", "virbr", "vnet", "vmnet", "vmenet", "vboxnet", "VirtualBox", "VMware", "vEthernet", "bridge",
	"podman", "cni", "lxc", "lxd", "tun", "tap", "utun", "ppp", "wg", "tailscale", "zt", "ham", "Tailscale", "WireGuard",
}

func isVirtual(name string) bool {
	for _, prefix := range virtualPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// anyAddress returns the first of this machine's addresses that others may reach, or else loopback.
func anyAddress() string {
	if own := ownAddresses(); len(own) > 0 {
		return own[0].ip.String()
	}
	return "127.0.0.1"
}
