//go:build linux

package room

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kafka-workshop/internal/testing/lacks"
)

// A Room is one wifi with its hosts.
type Room struct {
	Instructor *Host
	Laptops    []*Host

	name string
}

// A Host is one machine of the room: a network namespace with the interface wlan0.
type Host struct {
	IP   string
	Home string // its user's home folder, and where its programs start

	namespace string
	handle    int // of the namespace, open while the test runs
}

var rooms atomic.Int32

// New sets up a room with so many laptops, until the test ends.
func New(t testing.TB, laptops int) *Room {
	t.Helper()
	needs(t)

	r := &Room{name: fmt.Sprintf("room%d-%d", os.Getpid(), rooms.Add(1))}
	air := r.name + "-air" // the access point
	r.addNamespace(t, air)
	run(t, "ip", "-n", air, "link", "add", "wifi", "type", "bridge")
	run(t, "ip", "-n", air, "link", "set", "wifi", "up")

	r.Instructor = r.addHost(t, air, 1)
	for i := range laptops {
		r.Laptops = append(r.Laptops, r.addHost(t, air, 2+i))
	}
	return r
}

func (r *Room) addNamespace(t testing.TB, name string) {
	t.Helper()
	run(t, "ip", "netns", "add", name)
	t.Cleanup(func() { run(t, "ip", "netns", "del", name) })
	run(t, "ip", "-n", name, "link", "set", "lo", "up")
}

func (r *Room) addHost(t testing.TB, air string, number int) *Host {
	t.Helper()
	h := &Host{IP: fmt.Sprintf("192.168.50.%d", number), Home: t.TempDir(), namespace: fmt.Sprintf("%s-%d", r.name, number)}
	r.addNamespace(t, h.namespace)

	port := fmt.Sprintf("port%d", number)
	run(t, "ip", "-n", h.namespace, "link", "add", "wlan0", "type", "veth", "peer", "name", port, "netns", air)
	run(t, "ip", "-n", air, "link", "set", port, "master", "wifi", "up")
	run(t, "ip", "-n", h.namespace, "addr", "add", h.IP+"/24", "dev", "wlan0")
	run(t, "ip", "-n", h.namespace, "link", "set", "wlan0", "up")

	handle, err := unix.Open("/run/netns/"+h.namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("open the namespace of %s: %v", h.IP, err)
	}
	h.handle = handle
	t.Cleanup(func() { _ = unix.Close(handle) }) // a handle's end
	return h
}

// LinkDown takes the host off the wifi; its programs see that the network is gone.
func (h *Host) LinkDown(t testing.TB) { t.Helper(); h.run(t, "ip", "link", "set", "wlan0", "down") }

// LinkUp brings it back, with the same address.
func (h *Host) LinkUp(t testing.TB) { t.Helper(); h.run(t, "ip", "link", "set", "wlan0", "up") }

// DropPackets lets all packets to and from the host vanish: nothing is refused, nothing comes back.
func (h *Host) DropPackets(t testing.TB) {
	t.Helper()
	h.run(t, "iptables", "-w", "-A", "INPUT", "!", "-i", "lo", "-j", "DROP")
	h.run(t, "iptables", "-w", "-A", "OUTPUT", "!", "-o", "lo", "-j", "DROP")
}

// PassPackets ends DropPackets.
func (h *Host) PassPackets(t testing.TB) { t.Helper(); h.run(t, "iptables", "-w", "-F") }

// Command is one on the host, with its user's environment and nothing of the test's but PATH.
func (h *Host) Command(words ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", h.namespace}, words...)...)
	cmd.Dir = h.Home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.Home, "LANG=C.UTF-8"}
	return cmd
}

// Start runs a command in a session of its own until the test ends, which is a Ctrl+C for all of it. What it
// writes to standard error goes to the test's log.
func (h *Host) Start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if cmd.Stderr == nil {
		cmd.Stderr = &testLog{t: t}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // it may have ended
		stuck := time.AfterFunc(time.Minute, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		defer stuck.Stop()
		_ = cmd.Wait() // how it ended is its own test's
	})
}

// Dial connects from the host. Give an address, not a name: names are looked up elsewhere.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var conn net.Conn
	err := h.inside(func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen listens on the host.
func (h *Host) Listen(address string) (net.Listener, error) {
	var ln net.Listener
	err := h.inside(func() (err error) {
		ln, err = net.Listen("tcp", address)
		return err
	})
	return ln, err
}

// HTTP is a client on the host that follows no redirects and reuses no connection.
func (h *Host) HTTP() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DialContext: h.Dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// inside makes sockets in the host's namespace: a socket belongs to the namespace of the thread that makes it.
// The thread ends with the goroutine, so that no other goroutine finds itself on the host.
func (h *Host) inside(do func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := unix.Setns(h.handle, unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("enter the namespace of %s: %w", h.IP, err)
			return
		}
		result <- do()
	}()
	return <-result
}

func (h *Host) run(t testing.TB, words ...string) {
	t.Helper()
	run(t, append([]string{"ip", "netns", "exec", h.namespace}, words...)...)
}

func run(t testing.TB, words ...string) {
	t.Helper()
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(words, " "), err, out)
	}
}

// needs skips the test where no room can be set up.
func needs(t testing.TB) {
	t.Helper()
	missing := ""
	if os.Geteuid() != 0 {
		missing = "network namespaces are for root"
	}
	for _, program := range []string{"ip", "iptables"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = err.Error()
		}
	}
	if missing != "" {
		lacks.Part(t, "no room can be set up here: %s", missing)
	}
}

// testLog shows a process's lines in the test's log.
type testLog struct {
	t  testing.TB
	mu sync.Mutex
}

func (l *testLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := strings.TrimRight(string(b), "\n"); strings.Trim(text, "# \r.%0123456789") != "" { // curl's progress
		l.t.Log(text)
	}
	return len(b), nil
}

// Log is where a process's lines go to the test's log.
func Log(t testing.TB) io.Writer { return &testLog{t: t} }

// Redirect lets another address answer connections to one, as a captive portal does; both with their ports. Connections
// that are open go on.
func (h *Host) Redirect(t testing.TB, from, to string) {
	t.Helper()
	host, port, err := net.SplitHostPort(from)
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, "iptables", "-w", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-d", host, "--dport", port, "-j", "DNAT", "--to-destination", to)
}

// EndRedirect ends Redirect.
func (h *Host) EndRedirect(t testing.TB) { t.Helper(); h.run(t, "iptables", "-w", "-t", "nat", "-F") }
