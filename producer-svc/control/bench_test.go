package control

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
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

// worstSecond is the count, in any second that begins and ends with a tick of the broker's clock
// (a millisecond), that differs most from what was asked for.
func worstSecond(at []time.Time, rate float64) int {
	const second = 1000
	counts := make([]int, at[len(at)-1].Sub(at[0]).Milliseconds()+1)
	for _, t := range at {
		counts[t.Sub(at[0]).Milliseconds()]++
	}
	worst, n := int(rate), 0
	for i, more := range counts {
		n += more
		if i >= second {
			n -= counts[i-second]
		}
		if i >= second-1 && math.Abs(float64(n)-rate) > math.Abs(float64(worst)-rate) {
			worst = n
		}
	}
	return worst
}

// stalled measures, until stop is called, the longest that the machine kept something that only
// sleeps for 2 ms from running: no pacing can be closer than that.
func stalled() (stop func() time.Duration) {
	end, most := make(chan struct{}), make(chan time.Duration)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		longest := time.Duration(0)
		for last := time.Now(); ; {
			select {
			case <-end:
				most <- longest
				return
			case <-tick.C:
			}
			longest, last = max(longest, time.Since(last)), time.Now()
		}
	}()
	return func() time.Duration { close(end); return <-most }
}

// warmUp is for the broker: the first records of a new topic make it open files.
const warmUp = 2 * time.Second

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
	topic := c.Topic()
	c.CreateTopic(b, topic, 5, map[string]*string{"message.timestamp.type": &broker})
	d, stop := start(b, c, workshop.ScaleUp, "bench")
	holds(b, d)
	if err := d.Set(rate(target)); err != nil {
		b.Fatal(err)
	}
	<-time.After(warmUp)
	skip := d.View(time.Now()).Produced
	span := max(10*time.Second, time.Duration(8/target*float64(time.Second)))
	stall := stalled()
	<-time.After(span)
	b.ReportMetric(float64(stall())/float64(time.Millisecond), "stall-ms")
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

// BenchmarkOverload asks for a million a second for two minutes, and reports what is achieved and what
// memory the process has, with the first 15 s for comparison. TEST_KAFKA_BROKERS keeps the broker's
// memory out of it. For Linux.
func BenchmarkOverload(b *testing.B) {
	for b.Loop() {
		d, stop := start(b, kafkatest.New(b), workshop.ScaleUp, "bench")
		holds(b, d)
		if err := d.Set(rate(1e6)); err != nil {
			b.Fatal(err)
		}
		began, before := time.Now(), d.View(time.Now())
		for _, until := range []time.Duration{15 * time.Second, time.Minute, 2 * time.Minute} {
			<-time.After(time.Until(began.Add(until)))
			mb, err := process.Resident(os.Getpid())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(mb, fmt.Sprintf("MB-%.0fs", until.Seconds()))
		}
		v := d.View(time.Now())
		b.ReportMetric(float64(v.Produced-before.Produced)/time.Since(began).Seconds(), "achieved/s")
		b.ReportMetric(v.AckP99, "ack-p99-ms")
		stop()
	}
}

// BenchmarkBesideProducerPerformance lets Kafka's own tool and ours produce as fast as the cluster
// takes it, with acks=all and idempotence, records of one size, and topics made alike: seven times each,
// in turns, so that what else the machine does falls on both. It needs a real cluster
// (TEST_KAFKA_BROKERS) and the folder of Kafka's jars (KAFKA_JARS).
func BenchmarkBesideProducerPerformance(b *testing.B) {
	jars := os.Getenv("KAFKA_JARS")
	if jars == "" {
		b.Skip("KAFKA_JARS names no folder with Kafka's jars, so there is nothing to compare with")
	}
	for b.Loop() {
		var theirs, ours, ratios []float64
		for round := range 7 {
			t, o := theirRate(b, jars), ourRate(b)
			b.Logf("round %d: ProducerPerformance %.0f/s, producer-svc %.0f/s, %.2f times", round+1, t, o, o/t)
			theirs, ours, ratios = append(theirs, t), append(ours, o), append(ratios, o/t)
		}
		b.ReportMetric(median(theirs), "theirs/s")
		b.ReportMetric(median(ours), "ours/s")
		b.ReportMetric(median(ratios), "times")
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

const (
	userBytes = 482 // that a user has, in the mean
	sent      = 2_000_000
)

// theirRate is what ProducerPerformance says that it reached.
func theirRate(b *testing.B, jars string) float64 {
	b.Helper()
	c := kafkatest.New(b)
	topic := c.Namespace.Name("theirs")
	settings := map[string]*string{}
	for name, value := range c.LessonTopic().Configs {
		settings[name] = &value
	}
	c.CreateTopic(b, topic, 5, settings)
	out, err := exec.CommandContext(b.Context(), "java", "-Xmx512m", "-cp", filepath.Join(jars, "*"),
		"org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", strconv.Itoa(sent),
		"--record-size", strconv.Itoa(userBytes), "--throughput", "-1",
		"--producer-props", "bootstrap.servers="+c.Config.Brokers[0], "acks=all", "enable.idempotence=true").CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	_, after, _ := strings.Cut(lines[len(lines)-1], "records sent, ")
	text, _, _ := strings.Cut(after, " ")
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil {
		b.Fatalf("no rate in %q", lines[len(lines)-1])
	}
	return rate
}

// ourRate is how fast as many records were acknowledged.
func ourRate(b *testing.B) float64 {
	b.Helper()
	d, stop := start(b, kafkatest.New(b), workshop.ScaleUp, "bench")
	defer stop()
	holds(b, d)
	began, before := time.Now(), d.View(time.Now())
	if err := d.Set(rate(1e6)); err != nil {
		b.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for v := before; ; v = d.View(<-tick.C) {
		done, took := v.Produced-before.Produced, time.Since(began)
		if done < sent {
			continue
		}
		if size := float64(v.Bytes-before.Bytes) / float64(done); math.Abs(size-userBytes) > 5 {
			b.Fatalf("users have %.0f bytes now: set userBytes to that", size)
		}
		return float64(done) / took.Seconds()
	}
}
