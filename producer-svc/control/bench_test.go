package control

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// appendTimes reads a topic from its start and returns the times at which the broker appended the records, in order.
func appendTimes(b *testing.B, c *kafkatest.Cluster, topic string, total int64) []time.Time {
	r := c.Client(b, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	out := make([]time.Time, 0, total)
	for int64(len(out)) < total {
		r.PollFetches(b.Context()).EachRecord(func(rec *kgo.Record) { out = append(out, rec.Timestamp) })
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// worstSecond returns the count that differs most from the rate, among all seconds that begin and end with a tick of
// the broker's clock (a millisecond).
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

// stalled measures, until stop is called, the longest time that the machine delayed a goroutine that only sleeps for 2
// ms: no pacing can be more precise than that.
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

// warmUp gives the broker time: the first records of a new topic make it open files.
const warmUp = 2 * time.Second

// BenchmarkPacing produces for some seconds at each rate, reads the topic back, and measures by the broker's own clock.
// Run it with -benchtime 1x.
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

// BenchmarkOverload asks for a million records a second for two minutes. It reports the achieved rate and the process's
// memory, with the first 15 s for comparison. TEST_KAFKA_BROKERS keeps the broker's memory out of it. It needs Linux.
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
