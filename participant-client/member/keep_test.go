package member

import (
	"context"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// keeping has state that is published on a topic that is created late.
type keeping struct{ topic string }

func (k keeping) Handle(int, *kgo.Record) []*kgo.Record { return nil }

func (k keeping) Restore(context.Context, *kgo.Client, int, []int32) (Restoration, error) {
	return Restoration{Next: map[int32]int64{0: -1}}, nil
}

func (k keeping) State(int, string, []int32) []*kgo.Record {
	return []*kgo.Record{{Topic: k.topic, Key: []byte("0"), Value: []byte("state")}}
}

// Offsets whose state is not published are not committed, even if the member leaves: the next owner would miss records.
func TestOffsetsWithoutTheirStateAreNotCommitted(t *testing.T) {
	c, cfg, p := publisher(t, false)
	cfg.Handler = keeping{p.late}
	r := start(t, cfg, 1)
	r.heard.until(t, "records", func(events []Event, records map[string]int) bool {
		return len(records) == 10 && slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Restored })
	})
	r.failed(t)
	if err := r.Stop(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "its end", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Closed })
	})
	if n := committed(t, c, cfg.Group); n != 0 {
		t.Errorf("%d records are committed, and their state is not published", n)
	}
}
