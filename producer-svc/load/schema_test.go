package load

import (
	"testing"
	"time"

	"kafka-workshop/internal/testing/schema"
	"kafka-workshop/internal/workshop"
)

// The producer's records match the schemas that other programs are written against.
func TestRecordsMeetTheirSchemas(t *testing.T) {
	for name, lesson := range map[string]workshop.Lesson{"user": workshop.ScaleUp, "web-event": workshop.WebEvents, "job": workshop.Queues} {
		s, maker := schema.Open(t, name), MakerFor(lesson, "abcdefgh", 1, 2)
		for range 2000 {
			value := maker.Append(nil, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
			if err := s.Check(value); err != nil {
				t.Fatalf("%s: %v: %s", name, err, value)
			}
		}
	}
}
