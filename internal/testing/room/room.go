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
	handle    int // file descriptor of the namespace, open until the end of the test
}

var rooms atomic.Int32

// New sets up a room with this many laptops. It is removed at the end of the test.
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

// LinkDown disconnects the host from the wifi. Its programs notice that the network is down.
func (h *Host) LinkDown(t testing.TB) { t.Helper(); h.run(t, "ip", "link", "set", "wlan0", "down") }

// LinkUp connects the host again, with the same address.
func (h *Host) LinkUp(t testing.TB) { t.Helper(); h.run(t, "ip", "link", "set", "wlan0", "up") }

// DropPackets drops all packets to and from the host, without any error.
func (h *Host) DropPackets(t testing.TB) {
	t.Helper()
	h.run(t, "iptables", "-w", "-A", "INPUT", "!", "-i", "lo", "-j", "DROP")
	h.run(t, "iptables", "-w", "-A", "OUTPUT", "!", "-o", "lo", "-j", "DROP")
}

// PassPackets ends DropPackets.
func (h *Host) PassPackets(t testing.TB) { t.Helper(); h.run(t, "iptables", "-w", "-F") }

// Command returns a command that runs on the host, with the environment of the host's user. Only PATH is the test's.
func (h *Host) Command(words ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", h.namespace}, words...)...)
	cmd.Dir = h.Home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.Home, "LANG=C.UTF-8"}
	return cmd
}

// Start starts a command in a new session. At the end of the test, the whole session gets a Ctrl+C. The standard error
// goes to the test's log.
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
		_ = cmd.Wait() // its exit status is not tested here
	})
}

// Dial connects from the host. The address must be numeric, because names are not resolved on the host.
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

// HTTP returns a client on the host that follows no redirects and reuses no connections.
func (h *Host) HTTP() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DialContext: h.Dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// inside calls do, which creates a socket, in the host's namespace: a socket belongs to the namespace of the thread that
// creates it. The thread ends with the goroutine, so that no other goroutine runs on the host.
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

// needs skips the test if no room can be set up.
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

// testLog writes a process's output to the test's log.
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

// Log returns a writer to the test's log for a process's output.
func Log(t testing.TB) io.Writer { return &testLog{t: t} }

// Redirect redirects the host's new connections to another address, as a captive portal does. Both addresses have ports.
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
