// Package truth compares what participants are told with what an independent observer sees: members run in groups of a
// real broker, join, leave and crash, and each sentence's facts are compared with what the admin API reported at that
// time.
package truth

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/participant-client/member"
)

// TestMain lets many scenarios run in parallel: they mostly wait.
func TestMain(m *testing.M) {
	if settings := os.Getenv(childEnv); settings != "" {
		if err := runChild(settings); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}

	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	os.Exit(m.Run())
}

var (
	assignors = []string{member.Range, member.RoundRobin, member.CooperativeSticky, member.Server}
	rates     = []float64{0.5, 10, 1000} // records a second
)

// With TEST_TRUTH=all each scenario runs with each assignor and each rate, and each assignor with each rate. Otherwise
// the steady ones run, once each: what is seen of crashes depends on how soon a loaded machine looks.
func TestSentencesAreTrue(t *testing.T) {
	all := os.Getenv("TEST_TRUTH") == "all"
	for i, s := range scenarios {
		for j, assignor := range assignors {
			if !all && (!s.steady || j != i%len(assignors)) {
				continue
			}
			rate := rates[(i+j)%len(rates)]
			t.Run(fmt.Sprintf("%s/%s/%g", s.name, assignor, rate), func(t *testing.T) {
				t.Parallel()
				c := kafkatest.New(t) // its own: an embedded broker makes KIP-848 groups reconcile for any new topic
				r := newRun(t, c, s.name+"-"+assignor, assignor, s.partitions, rate)
				s.script(r)
				r.judge()
			})
		}
	}
}
