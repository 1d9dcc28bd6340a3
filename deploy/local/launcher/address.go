package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// An address is an IPv4 address of this machine and the interface that has it.
type address struct {
	ip     netip.Addr
	device string
}

// roomAddress is this machine's one private, non-virtual IPv4 address; where there are several, only the
// instructor knows which of them the room can reach.
func roomAddress() (string, error) {
	return chooseAddress(ownAddresses())
}

func chooseAddress(own []address) (string, error) {
	var found []address
	for _, a := range own {
		if a.ip.IsPrivate() && !virtual(a.device) {
			found = append(found, a)
		}
	}

	switch len(found) {
	case 1:
		return found[0].ip.String(), nil
	case 0:
		return "", fmt.Errorf("--class found no private address of this machine: join the room's network first, or name the address with --listen%s", listed(own))
	}
	return "", fmt.Errorf("--class found several addresses: name the room's with --listen%s", listed(found))
}

func listed(all []address) string {
	if len(all) == 0 {
		return ""
	}
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = fmt.Sprintf("%s (%s)", a.ip, a.device)
	}
	return ": " + strings.Join(words, ", ")
}

// ownAddresses are those of the interfaces that are up, without loopback and link-local ones.
func ownAddresses() []address {
	interfaces, _ := net.Interfaces() // without any there is loopback
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

// virtualNames begin the names that containers, virtual machines and VPNs give their interfaces. No laptop of
// the room is behind one of those.
var virtualNames = []string{
	"docker", "br-", "veth", "virbr", "vnet", "vmnet", "vmenet", "vboxnet", "VirtualBox", "VMware", "vEthernet", "bridge",
	"podman", "cni", "lxc", "lxd", "tun", "tap", "utun", "ppp", "wg", "tailscale", "zt", "ham", "Tailscale", "WireGuard",
}

func virtual(name string) bool {
	for _, prefix := range virtualNames {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// anyAddress is the first of this machine's that others may reach, else loopback.
func anyAddress() string {
	if own := ownAddresses(); len(own) > 0 {
		return own[0].ip.String()
	}
	return "127.0.0.1"
}
