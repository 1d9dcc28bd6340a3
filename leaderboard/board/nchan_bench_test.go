package board

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/processtest"
)

// asServer makes BenchmarkServer serve a board until its input ends. Each line of input changes the board's message.
const asServer = "BOARD_BENCH_SERVER"

// BenchmarkServer is the server of BenchmarkBesideNchan, in its own process.
func BenchmarkServer(b *testing.B) {
	if os.Getenv(asServer) == "" {
		b.Skip("BenchmarkBesideNchan starts it")
	}
	s := newSample(15)
	r := newRoom(b, s)
	fmt.Fprintln(os.Stderr, "listening", r.server.Listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		s.Public.Message = lines.Text()
		r.Publish(s.View)
	}
}

// A pushServer sends messages to all clients that watch /events.
type pushServer struct {
	name, addr string
	pid        int
	push       func(message string) error
}

// BenchmarkBesideNchan compares the board's events with nginx and its nchan module (NCHAN: the folder of Debian's modules, as
// /usr/lib/nginx/modules), each in its own process with the same viewers. It measures the time from one change until the last
// viewer has it, and what the server needs for that. Run it with -benchtime 1x; it needs a limit of 6,000 open files.
func BenchmarkBesideNchan(b *testing.B) {
	modules := os.Getenv("NCHAN")
	if modules == "" {
		b.Skip("NCHAN names no folder with nginx's modules")
	}
	for b.Loop() {
		for range 3 {
			measureViewers(b, ours(b), 5000)
			measureViewers(b, nchan(b, modules), 5000)
		}
	}
}

// BenchmarkViewersOfOneProcess has as many viewers as a process with 20,000 open files can serve. Run it with -benchtime 1x.
func BenchmarkViewersOfOneProcess(b *testing.B) {
	for b.Loop() {
		measureViewers(b, ours(b), 15_500)
	}
}

func ours(b *testing.B) *pushServer {
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^$", "-test.bench", "^BenchmarkServer$", "-test.benchtime", "1x")
	cmd.Env = append(os.Environ(), asServer+"=yes")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(said).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		b.Fatalf("%q %v", line, err)
	}
	return &pushServer{"ours", addr, cmd.Process.Pid, func(m string) error { _, err := fmt.Fprintln(in, m); return err }}
}

func nchan(b *testing.B, modules string) *pushServer {
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	config := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/log crit; load_module %[2]s/ngx_nchan_module.so;
events { worker_connections 20000; }
http { access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
server { listen %[3]s backlog=8192; nchan_channel_id room; location = /pub { nchan_publisher; } location = /events { nchan_subscriber eventsource; } } }
`, dir, modules, addr)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), "nginx", "-p", dir, "-c", file)
	cmd.Stderr = os.Stderr
	processtest.StartServer(b, cmd, addr)
	return &pushServer{"nchan", addr, cmd.Process.Pid, func(m string) error {
		resp, err := http.Post("http://"+addr+"/pub", "text/html", strings.NewReader(`<div id="say" class="say" role="status" aria-live="polite"><p>`+m+`</p></div>`))
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		return err
	}}
}

// measureViewers connects viewers, and reports the cost of a viewer to the server, and how long ten changes took.
func measureViewers(b *testing.B, s *pushServer, viewers int) {
	b.Helper()
	got := make(chan struct{}, viewers)
	mbBefore, _ := s.vitals(b)
	var conns []net.Conn
	for i := range viewers {
		conns = append(conns, dialViewer(b, s.addr, i, got))
	}
	if err := s.push("all are here"); err != nil {
		b.Fatal(err)
	}
	// A new viewer gets the current message, so each viewer reports once or twice.
	quiet := time.NewTimer(10 * time.Second)
	for n, done := 0, false; !done; {
		select {
		case <-got:
			if n++; n >= viewers {
				quiet.Reset(time.Second)
			}
		case <-quiet.C:
			if done = n >= viewers; !done {
				b.Fatalf("%s: %d of %d viewers", s.name, n, viewers)
			}
		}
	}

	mb, cpu := s.vitals(b)
	each := (mb - mbBefore) * 1024 / float64(viewers)
	var took []float64
	for i := range 10 {
		began := time.Now()
		if err := s.push("message " + strconv.Itoa(i)); err != nil {
			b.Fatal(err)
		}
		late := time.After(20 * time.Second)
		for n := range viewers {
			select {
			case <-got:
			case <-late:
				b.Fatalf("%s: %d of %d viewers have message %d", s.name, n, viewers, i)
			}
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	_, cpuAfter := s.vitals(b)
	slices.Sort(took)
	for _, c := range conns {
		_ = c.Close()
	}
	b.Logf("%s, %d viewers: %.1f KB a viewer, the last one has it after %.0f ms, %.2f s of processor time for ten", s.name, viewers, each, took[len(took)/2], (cpuAfter - cpu).Seconds())
}

func (s *pushServer) vitals(b *testing.B) (mb float64, used time.Duration) {
	b.Helper()
	mb, err := process.Resident(s.pid)
	if err != nil {
		b.Fatal(err)
	}
	if used, err = process.CPUTime(s.pid); err != nil {
		b.Fatal(err)
	}
	return mb, used
}
