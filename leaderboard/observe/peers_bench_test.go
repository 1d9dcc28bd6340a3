package observe

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/processtest"
)

const peerRounds = 5

// A peer reports to Prometheus how many members each group has, in the metric of this name.
type peer struct {
	name, members string
	command       func(path string, brokers []string, port string) *exec.Cmd
}

var peers = []peer{
	{"kafka_exporter", "kafka_consumergroup_members", func(path string, brokers []string, port string) *exec.Cmd {
		cmd := exec.Command(path, "--web.listen-address=127.0.0.1:"+port, "--kafka.version=4.1.0")
		for _, broker := range brokers {
			cmd.Args = append(cmd.Args, "--kafka.server="+broker)
		}
		return cmd
	}},
	{"kminion", "kminion_kafka_consumer_group_members", func(path string, brokers []string, port string) *exec.Cmd {
		cmd := exec.Command(path)
		cmd.Env = append(os.Environ(), "KAFKA_BROKERS="+strings.Join(brokers, ","), "EXPORTER_HOST=127.0.0.1", "EXPORTER_PORT="+port, "LOGGER_LEVEL=error")
		return cmd
	}},
}

// BenchmarkSweepBesidePeers measures a large room in turns with the programs in the folder PEERS (.ci/peers creates it): the
// time of a sweep and of a scrape, and for how many groups each is right.
func BenchmarkSweepBesidePeers(b *testing.B) {
	dir := os.Getenv("PEERS")
	if dir == "" {
		b.Skip("PEERS is not set")
	}
	r := newLargeRoom(b)
	urls := map[string]string{}
	for _, p := range peers {
		urls[p.name] = r.startPeer(b, p, filepath.Join(dir, p.name))
	}

	took := map[string][]float64{}
	b.ResetTimer()
	for round := range peerRounds {
		began := time.Now()
		n := r.right(b)
		took["ours"] = append(took["ours"], float64(time.Since(began).Microseconds())/1000)
		b.Logf("round %d: a sweep took %.1f ms, right about %d of %d groups", round+1, took["ours"][round], n, consumerGroups+classicGroups)
		for _, p := range peers {
			began := time.Now()
			text := scrape(b, urls[p.name])
			ms := float64(time.Since(began).Microseconds()) / 1000
			took[p.name] = append(took[p.name], ms)
			b.Logf("round %d: a scrape of %s took %.0f ms, right about %d groups", round+1, p.name, ms, r.rightIn(text, p.members))
		}
	}
	for name, ms := range took {
		slices.Sort(ms)
		b.ReportMetric(ms[len(ms)/2], name+"-ms")
	}
}

func (r *room) startPeer(b *testing.B, p peer, path string) (url string) {
	b.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		b.Fatal(err)
	}
	cmd := p.command(path, r.Config.Brokers, port)
	cmd.Stderr = b.Output()
	processtest.StartServer(b, cmd, addr)
	return "http://" + addr + "/metrics"
}

func scrape(b *testing.B, url string) string {
	b.Helper()
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it is read
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

// rightIn counts the groups of a large room for which a scrape reports the right number of members.
func (r *room) rightIn(text, metric string) (n int) {
	counts := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^`+metric+`\{[^}]*(?:consumergroup|group_id)="([^"]+)"[^}]*\} (\d+)$`).FindAllStringSubmatch(text, -1) {
		counts[m[1]] = m[2]
	}
	for team := 1; team <= consumerGroups+classicGroups; team++ {
		if counts[r.Group(team)] == strconv.Itoa(membersOf(team)) {
			n++
		}
	}
	return n
}
