// Package truth compares what participants are told with what an observer of its own sees: members run in groups of a
// real broker, join, leave and crash, and each sentence's facts are looked up in what the admin API said at that time.
package truth

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"kafka-workshop/internal/kafkatest"
	"kafka-workshop/participant-client/member"
)

// TestMain lets many scenarios run side by side: they wait, mostly.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	os.Exit(m.Run())
}

var (
	assignors = []string{member.Range, member.RoundRobin, member.CooperativeSticky, member.Server}
	rates     = []float64{0.5, 10, 1000} // records a second
)

// Each scenario meets each assignor and each rate, and each assignor each rate. Without CI or a named cluster, each
// scenario runs once.
func TestSentencesAreTrue(t *testing.T) {
	all := os.Getenv("CI") == "true" || os.Getenv("TEST_KAFKA_BROKERS") != ""
	c := kafkatest.New(t)
	for i, s := range scenarios {
		for j, assignor := range assignors {
			if !all && (s.long || j != i%len(assignors)) {
				continue
			}
			rate := rates[(i+j)%len(rates)]
			t.Run(fmt.Sprintf("%s/%s/%g", s.name, assignor, rate), func(t *testing.T) {
				t.Parallel()
				r := newRun(t, c, s.name+"-"+assignor, assignor, s.partitions, rate)
				s.script(r)
				r.judge()
			})
		}
	}
}
