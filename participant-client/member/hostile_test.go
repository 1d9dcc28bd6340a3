package member

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Batches that nobody can read do not keep a member from the records after them, wherever they are.
func TestAMemberPassesOverWhatCannotBeRead(t *testing.T) {
	tests := []struct {
		name   string // a part of the topic's name
		before string // what is in the log before the member's start: r is a readable record, b unpacks to too much, c is corrupt
		after  string // what the member finds there
		read   int
		bad    int
	}{
		{name: "between", after: "rbrcr", read: 3, bad: 2},
		{name: "too-large-first", after: "br", read: 1, bad: 1},
		{name: "corrupt-first", after: "cr", read: 1, bad: 1},
		{name: "adjacent", after: "rbcbcr", read: 2, bad: 4},
		{name: "from-the-end", before: "crb", after: "cr", read: 1, bad: 1},
	}
	c := kafkatest.New(t)
	batches := map[rune]kafkatest.Batch{
		'b': kafkatest.Bomb(t, 50),
		'c': {Codec: 4, Count: 3, Time: time.Now(), Records: []byte("nineteen bytes of x")},
	}
	for _, test := range tests {
		if c.Real && strings.ContainsRune(test.before+test.after, 'c') {
			continue // Kafka validates batches, and rejects this one
		}
		t.Run(test.name, func(t *testing.T) {
			cfg := config(c)
			cfg.Topic += "-" + test.name
			cfg.Group += "-" + test.name
			c.CreateTopic(t, cfg.Topic, 1, nil)
			client := c.Client(t, kgo.DefaultProduceTopic(cfg.Topic))
			write := func(log string) {
				for _, kind := range log {
					var err error
					if kind == 'r' {
						err = client.ProduceSync(t.Context(), kgo.StringRecord("good")).FirstErr()
					} else {
						err = c.ProduceBatch(t, client, cfg.Topic, 0, batches[kind])
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}

			if write(test.before); test.before == "" {
				write(test.after)
			} else {
				cfg.From = "latest"
			}
			r := start(t, cfg, 1)
			if test.before != "" {
				r.heard.until(t, "a member at the log's end", func([]Event, map[string]int) bool { return r.next(1, 0) >= 0 })
				write(test.after)
			}

			r.heard.until(t, "every record that can be read, and the notes", func(events []Event, records map[string]int) bool {
				notes := 0
				for _, e := range events {
					if e.Kind == Fault && strings.Contains(e.Text, "Skipping it") {
						notes++
					}
				}
				return len(records) == test.read && notes == test.bad
			})
		})
	}
}

// next returns the offset that a member reads next in a partition, or -1.
func (r *running) next(instance int, partition int32) int64 {
	r.mu.Lock()
	m := r.members[instance]
	r.mu.Unlock()
	if m == nil {
		return -1
	}
	return m.next(partition)
}
