package inspect

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
)

// Batches that cannot be read are before and between those that can.
func TestTailPassesOverWhatCannotBeRead(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Namespace.Name("t")
	c.CreateTopic(t, topic, 1, nil)
	client := c.Client(t)
	bad := []kafkatest.Batch{kafkatest.Bomb(t, 50)}
	if !c.Real { // Kafka validates batches
		bad = append(bad, kafkatest.Batch{Codec: 4, Count: 3, Time: time.Now(), Records: []byte("nineteen bytes of x")})
	}
	for range 2 {
		for _, b := range bad {
			if err := c.ProduceBatch(t, client, topic, 0, b); err != nil {
				t.Fatal(err)
			}
		}
		produce(t, c, topic, "good")
	}

	tail := Tail{Topic: topic, Start: earliest, MaxRecords: 2}
	var out, notes bytes.Buffer
	if err := tail.Run(soon(t), c.Client(t, tail.Options()...), &out, &notes); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "good"); n != 2 {
		t.Errorf("printed %q", out.String())
	}
	if n := strings.Count(notes.String(), "cannot be read"); n != 2*len(bad) {
		t.Errorf("said %q", notes.String())
	}
}
