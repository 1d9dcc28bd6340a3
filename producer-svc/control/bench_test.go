package control

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// appendTimes reads a topic from its start and lists when the broker took each record, in order.
func appendTimes(b *testing.B, c *kafkatest.Cluster, topic string, total int64) []time.Time {
	r := c.Client(b, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	out := make([]time.Time, 0, total)
	for int64(len(out)) < total {
		r.PollFetches(b.Context()).EachRecord(func(rec *kgo.Record) { out = append(out, rec.Timestamp) })
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// worstSecond is the count in any second that differs most from what was asked for.
func worstSecond(at []time.Time, rate float64) (worst int) {
	worst = -1
	for i, j := 0, 0; i < len(at); i++ {
		for j < len(at) && at[j].Sub(at[i]) < time.Second {
			j++
		}
		if j == len(at) {
			break
		}
		if n := j - i; worst < 0 || math.Abs(float64(n)-rate) > math.Abs(float64(worst)-rate) {
			worst = n
		}
	}
	return worst
}

// BenchmarkPacing produces for some seconds at each rate, reads the topic back, and judges by the
// broker's own clock. Run it with -benchtime 1x.
func BenchmarkPacing(b *testing.B) {
	for _, target := range []float64{0.5, 1, 10, 100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(target), func(b *testing.B) {
			for b.Loop() {
				pace(b, target)
			}
		})
	}
}

func pace(b *testing.B, target float64) {
	c := kafkatest.New(b)
	broker := "LogAppendTime"
	topic := c.Namespace.Topic(workshop.ScaleUp)
	c.CreateTopic(b, topic, 5, map[string]*string{"message.timestamp.type": &broker})
	d, stop := start(b, c, workshop.ScaleUp, "bench")
	holds(b, d)
	if err := d.Set(rate(target)); err != nil {
		b.Fatal(err)
	}
	skip := d.View(time.Now()).Produced // at the default rate, before
	span := max(10*time.Second, time.Duration(8/target*float64(time.Second)))
	<-time.After(span)
	v := d.View(time.Now())
	stop()
	total := int64(0)
	for _, end := range ends(b, c, topic) {
		total += end
	}
	at := appendTimes(b, c, topic, total)[skip+1:]
	gap := time.Duration(0)
	for i := 1; i < len(at); i++ {
		gap = max(gap, at[i].Sub(at[i-1]))
	}
	seconds := at[len(at)-1].Sub(at[0]).Seconds()
	b.ReportMetric(target, "target/s")
	b.ReportMetric(float64(len(at)-1)/seconds, "achieved/s")
	b.ReportMetric(float64(worstSecond(at, target)), "worst-second")
	b.ReportMetric(float64(gap)/float64(time.Millisecond), "gap-ms")
	b.ReportMetric(float64(v.Dropped), "dropped")
	b.ReportMetric(v.AckP99, "ack-p99-ms")
}

// BenchmarkOverload asks for a million a second and reports what is achieved and held in memory.
func BenchmarkOverload(b *testing.B) {
	for b.Loop() {
		c := kafkatest.New(b)
		d, stop := start(b, c, workshop.ScaleUp, "bench")
		holds(b, d)
		if err := d.Set(rate(1e6)); err != nil {
			b.Fatal(err)
		}
		most, began := uint64(0), time.Now()
		for tick := time.NewTicker(500 * time.Millisecond); time.Since(began) < 15*time.Second; <-tick.C {
			var mem runtime.MemStats
			runtime.ReadMemStats(&mem)
			most = max(most, mem.HeapInuse)
		}
		v := d.View(time.Now())
		stop()
		b.ReportMetric(v.Achieved, "achieved/s")
		b.ReportMetric(float64(most)/(1<<20), "heap-MiB")
		b.ReportMetric(v.AckP99, "ack-p99-ms")
	}
}

// BenchmarkBesideProducerPerformance lets Kafka's own tool and then ours produce as fast as the
// cluster takes it, with acks=all and idempotence, on topics made alike. It needs a real cluster
// (TEST_KAFKA_BROKERS) and the folder of Kafka's jars (KAFKA_JARS).
func BenchmarkBesideProducerPerformance(b *testing.B) {
	jars := os.Getenv("KAFKA_JARS")
	if jars == "" {
		b.Log("KAFKA_JARS names no folder with Kafka's jars, so there is nothing to compare with")
		return
	}
	const records, size = 2_000_000, 440
	for b.Loop() {
		c := kafkatest.New(b)
		theirs := c.Namespace.Name("theirs")
		c.CreateTopic(b, theirs, 5, lessonConfigs())
		out, err := exec.CommandContext(b.Context(), "java", "-Xmx512m", "-cp", filepath.Join(jars, "*"),
			"org.apache.kafka.tools.ProducerPerformance", "--topic", theirs, "--num-records", strconv.Itoa(records),
			"--record-size", strconv.Itoa(size), "--throughput", "-1",
			"--producer-props", "bootstrap.servers="+c.Config.Brokers[0], "acks=all", "enable.idempotence=true").CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		b.Log(lines[len(lines)-1])

		d, stop := start(b, c, workshop.ScaleUp, "bench")
		holds(b, d)
		if err := d.Set(rate(1e6)); err != nil {
			b.Fatal(err)
		}
		began, before := time.Now(), d.View(time.Now())
		<-time.After(15 * time.Second)
		v := d.View(time.Now())
		stop()
		done := v.Produced - before.Produced
		b.ReportMetric(float64(done)/time.Since(began).Seconds(), "ours/s")
		b.ReportMetric(float64(v.Bytes-before.Bytes)/float64(done), "ours-bytes")
		b.ReportMetric(v.AckP99, "ours-ack-p99-ms")
	}
}
