package control

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

const (
	userBytes  = 482 // mean size of a user
	peerRounds = 3
	peerSpan   = 6 * time.Second
)

// A peer produces records of userBytes to a topic as fast as it can, with acks=all, idempotence and no compression, until the
// context ends.
type peer struct {
	name    string
	command func(ctx context.Context, broker, topic string) *exec.Cmd
}

// peers returns the programs in the folder PEERS, which .ci/peers creates, and the one in KAFKA_JARS.
func peers() (out []peer) {
	program := func(name string, args func(broker, topic string) []string) {
		path := filepath.Join(os.Getenv("PEERS"), name)
		if _, err := os.Stat(path); err == nil && os.Getenv("PEERS") != "" {
			out = append(out, peer{name, func(ctx context.Context, broker, topic string) *exec.Cmd {
				return exec.CommandContext(ctx, path, args(broker, topic)...)
			}})
		}
	}
	size := strconv.Itoa(userBytes)
	program("franz-bench", func(broker, topic string) []string {
		return []string{"-brokers", broker, "-topic", topic, "-record-bytes", size, "-pprof", ""}
	})
	program("rdkafka_performance", func(broker, topic string) []string {
		return []string{"-P", "-q", "-b", broker, "-t", topic, "-s", size, "-a", "-1", "-c", "2000000000",
			"-X", "enable.idempotence=true", "-X", "linger.ms=5", "-X", "queue.buffering.max.messages=500000"}
	})
	if jars := os.Getenv("KAFKA_JARS"); jars != "" {
		out = append(out, peer{"ProducerPerformance", func(ctx context.Context, broker, topic string) *exec.Cmd {
			return exec.CommandContext(ctx, "java", "-Xmx512m", "-cp", filepath.Join(jars, "*"),
				"org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", "2000000000",
				"--record-size", size, "--throughput", "-1",
				"--producer-props", "bootstrap.servers="+broker, "acks=all", "enable.idempotence=true")
		}})
	}
	return out
}

// BenchmarkBesidePeers lets other programs and ours produce in turns, as fast as the cluster accepts records, so that
// other load of the machine affects all of them. The rate is the growth of the log end offsets. It needs a real cluster
// (TEST_KAFKA_BROKERS) and peers.
func BenchmarkBesidePeers(b *testing.B) {
	peers := peers()
	if len(peers) == 0 {
		b.Skip("neither PEERS nor KAFKA_JARS names a folder with a program to compare with")
	}
	for b.Loop() {
		ours, p99 := []float64{}, []float64{}
		theirs, ratios := map[string][]float64{}, map[string][]float64{}
		for round := range peerRounds {
			o, ms := ourRate(b)
			ours, p99 = append(ours, o), append(p99, ms)
			b.Logf("round %d: producer-svc %.0f/s, 99 of 100 acknowledged within %.0f ms", round+1, o, ms)
			for _, p := range peers {
				rate := p.rate(b)
				theirs[p.name], ratios[p.name] = append(theirs[p.name], rate), append(ratios[p.name], o/rate)
				b.Logf("round %d: %s %.0f/s, ours is %.2f times that", round+1, p.name, rate, o/rate)
			}
		}
		b.ReportMetric(median(ours), "ours/s")
		b.ReportMetric(median(p99), "ack-p99-ms")
		for _, p := range peers {
			b.ReportMetric(median(theirs[p.name]), p.name+"/s")
			b.ReportMetric(median(ratios[p.name]), "times-"+p.name)
		}
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func (p peer) rate(b *testing.B) float64 {
	b.Helper()
	c := kafkatest.New(b)
	topic := c.Namespace.Name("theirs")
	settings := map[string]*string{}
	for name, value := range c.LessonTopic().Configs {
		settings[name] = &value
	}
	c.CreateTopic(b, topic, 5, settings)
	ctx, stop := context.WithCancel(b.Context())
	cmd := p.command(ctx, c.Config.Brokers[0], topic)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	rate := growth(b, c, topic)
	stop()
	_ = cmd.Wait() // it was killed
	return rate
}

// growth waits for the first second's records, then returns how many a topic gets in a second.
func growth(b *testing.B, c *kafkatest.Cluster, topic string) float64 {
	b.Helper()
	total := func() (n int64) {
		for _, end := range ends(b, c, topic) {
			n += end
		}
		return n
	}
	wait.Until(b, "many records", func() bool { return total() > 200_000 })
	before, began := total(), time.Now()
	<-time.After(peerSpan)
	return float64(total()-before) / time.Since(began).Seconds()
}

// ourRate returns the same for producer-svc, and the 99th percentile of its acknowledgement times in milliseconds.
func ourRate(b *testing.B) (rate, p99 float64) {
	b.Helper()
	c := kafkatest.New(b)
	d, stop := start(b, c, workshop.ScaleUp, "bench")
	defer stop()
	holds(b, d)
	before, asFast := d.View(time.Now()), 1e6
	if err := d.Set(workshop.LoadPatch{Rate: &asFast}); err != nil {
		b.Fatal(err)
	}
	rate = growth(b, c, c.Topic())
	v := d.View(time.Now())
	if size := float64(v.Bytes-before.Bytes) / float64(v.Produced-before.Produced); math.Abs(size-userBytes) > 5 {
		b.Fatalf("users have %.0f bytes now: set userBytes to that", size)
	}
	return rate, v.AckP99
}
