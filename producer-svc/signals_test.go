//go:build unix

package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// starts reads the topic to its end and lists, partition by partition, the starts of the producer that made the
// records, in order and without repeats.
func starts(t *testing.T, c *kafkatest.Cluster, topic string, total int64) [][]string {
	t.Helper()
	r := c.Client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	out := make([][]string, 5)
	for n := int64(0); n < total; {
		fetches := r.PollFetches(t.Context())
		fetches.EachRecord(func(rec *kgo.Record) {
			n++
			var u workshop.User
			if err := json.Unmarshal(rec.Value, &u); err != nil {
				t.Fatal(err)
			}
			local, _, _ := strings.Cut(u.Email, "@")
			start, _, _ := strings.Cut(local[strings.LastIndex(local, ".")+1:], "-")
			list := out[rec.Partition]
			if len(list) == 0 || list[len(list)-1] != start {
				out[rec.Partition] = append(list, start)
			}
		})
	}
	return out
}

func ends(t *testing.T, c *kafkatest.Cluster, topic string) (sum int64) {
	t.Helper()
	listed, err := c.Admin(t).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range listed[topic] {
		sum += p.Offset
	}
	return sum
}

func TestAnotherTakesOverAfterAKill(t *testing.T) {
	c := kafkatest.New(t)
	first := launch(t, c)
	wait.Until(t, "the first holds the load", first.ready)
	if code, text := first.do("PUT", "/api/load", `{"rate":123}`); code != 200 {
		t.Fatal(code, text)
	}
	second := launch(t, c)
	wait.Until(t, "the second stands by for the first", func() bool {
		code, text := second.do("GET", "/readyz", "")
		return code == 503 && strings.Contains(text, "pid")
	})
	if code, text := second.do("PUT", "/api/load", `{"rate":1}`); code != 503 || !strings.Contains(text, "holds the load") {
		t.Errorf("a standby is turned: %d %s", code, text)
	}
	_ = first.Process.Kill()
	wait.Until(t, "the second takes over", second.ready)
	if _, text := second.do("GET", "/api/load", ""); !strings.Contains(text, `"rate":123,`) {
		t.Errorf("it took over %s", text)
	}
}

// TestASleeperDoesNotProduce stops the holder as a laptop's sleep does, lets another instance take over, and wakes the
// first: none of its records comes after one of its successor.
func TestASleeperDoesNotProduce(t *testing.T) {
	c := kafkatest.New(t)
	first := launch(t, c)
	wait.Until(t, "the first holds the load", first.ready)
	if code, text := first.do("PUT", "/api/load", `{"rate":2000}`); code != 200 {
		t.Fatal(code, text)
	}
	second := launch(t, c)
	wait.Until(t, "the second stands by", func() bool {
		code, text := second.do("GET", "/readyz", "")
		return code == 503 && strings.Contains(text, "pid")
	})
	topic := c.Topic()
	wait.Until(t, "records", func() bool { return ends(t, c, topic) > 1000 })
	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the second takes over", second.ready)
	if err := first.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the first sees that it lost the load", func() bool { return !first.ready() })
	before := ends(t, c, topic)
	wait.Until(t, "a second's worth of records", func() bool { return ends(t, c, topic) > before+2000 })
	for p, list := range starts(t, c, topic, ends(t, c, topic)) {
		if len(list) != 2 {
			t.Errorf("partition %d was written by %v, in this order", p, list)
		}
	}
}

func TestTerminatedItFlushesAndLeaves(t *testing.T) {
	c := kafkatest.New(t)
	p := launch(t, c, "--rate", "5000")
	wait.Until(t, "holding the load", p.ready)
	second := launch(t, c)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	end := time.NewTimer(5 * time.Second)
	defer end.Stop()
	select {
	case err := <-p.waited:
		if err != nil {
			t.Errorf("it ended with %v:\n%s", err, p.log())
		}
	case <-end.C:
		t.Fatal("still there after 5 s")
	}
	if strings.Contains(p.log(), "flush failed") {
		t.Errorf("records were dropped:\n%s", p.log())
	}
	wait.Until(t, "another takes over at once", second.ready)
}
