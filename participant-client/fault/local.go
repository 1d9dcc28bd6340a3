package fault

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
)

// nobody says that a port is closed, and the likely reason.
func nobody(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	if loopback := host == "localhost" || net.ParseIP(host).IsLoopback(); loopback && boxed() {
		return fmt.Sprintf("Nothing listens at %s. If it should: localhost here is not the instructor's laptop, so use the join address.", addr)
	}
	return fmt.Sprintf("Nothing listens at %s: is it the join address, and is Kafka running there?", addr)
}

// noWay says that the network has no route.
func noWay(addr string) string {
	if runtime.GOOS == "darwin" {
		return fmt.Sprintf("No way to %s: is the wifi on? Allow your terminal under Privacy & Security → Local Network.", addr)
	}
	return fmt.Sprintf("No way to %s from this network: are you in the room's wifi?", addr)
}

// boxed reports WSL2 or a container, where localhost is not the laptop.
func boxed() bool {
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return true
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && strings.Contains(strings.ToLower(string(kernel)), "microsoft")
}
