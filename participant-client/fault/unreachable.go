package fault

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
)

// nothingListens explains a closed port.
func nothingListens(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	loopback := host == "localhost" || net.ParseIP(host).IsLoopback()
	if loopback && inContainer() {
		return fmt.Sprintf("Nothing listens at %s. If it should: localhost here is not the instructor's laptop, so use the join address.", addr)
	}
	return fmt.Sprintf("Nothing listens at %s: is it the join address, and is Kafka running there?", addr)
}

// noRoute explains a network without a route to the address.
func noRoute(addr string) string {
	if runtime.GOOS == "darwin" {
		return fmt.Sprintf("No route to %s: is the wifi on? Allow your terminal under Privacy & Security → Local Network.", addr)
	}
	return fmt.Sprintf("No route to %s from this network: are you on the room's wifi?", addr)
}

// noAnswer explains an address that does not answer in time.
func noAnswer(addr string, at Place) string {
	_, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return addr + " does not answer: is this laptop online?"
	case at.UsesTLS():
		return fmt.Sprintf("No answer from %s: is it the port for TLS, and the right address? Your network may also block port %s (leave the VPN or use another network).", addr, port)
	}
	return fmt.Sprintf("No answer from %s: your network may block port %s (leave the VPN or use another network), or this wifi isolates laptops from each other.", addr, port)
}

// inContainer reports whether this is a container or WSL2, where localhost is not the laptop.
func inContainer() bool {
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return true
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && strings.Contains(strings.ToLower(string(kernel)), "microsoft")
}
