package member

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
)

// A batch that nobody can read does not keep a member from what lies behind it.
func TestAMemberPassesOverWhatCannotBeRead(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 2, nil)
	client := c.Client(t)
	bad := []kafkatest.Batch{kafkatest.Bomb(t, 50)}
	if !c.Real { // Kafka looks into batches
		bad = append(bad, kafkatest.Batch{Codec: 4, Count: 3, Time: time.Now(), Records: []byte("nineteen bytes of x")})
	}
	produce(t, c, cfg.Topic, 4, func(int) string { return "good" })
	for _, b := range bad {
		if err := c.ProduceBatch(t, client, cfg.Topic, 0, b); err != nil {
			t.Fatal(err)
		}
		produce(t, c, cfg.Topic, 4, func(int) string { return "good" })
	}

	r := start(t, cfg, 1)
	r.heard.until(t, "every record that can be read, and the notes", func(events []Event, records map[string]int) bool {
		notes := 0
		for _, e := range events {
			if e.Kind == Fault && strings.Contains(e.Text, "Skipping it") {
				notes++
			}
		}
		return len(records) == 4+4*len(bad) && notes == len(bad)
	})
}
