package observe

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// producer answers each wanted record in its status, and refuses rates below zero.
func producer(ctx context.Context, t *testing.T, r *room) (applied <-chan workshop.Wanted) {
	t.Helper()
	out := make(chan workshop.Wanted, 10)
	client := r.Client(t, kgo.ConsumeTopics(r.ControlTopic()))
	go func() {
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(func(rec *kgo.Record) {
				var w workshop.Wanted
				if string(rec.Key) != workshop.ControlKeyWanted || json.Unmarshal(rec.Value, &w) != nil {
					return
				}
				status := workshop.LoadStatus{Wanted: &rec.Offset}
				if w.Load != nil && *w.Load.Rate < 0 {
					status.WantedError = "rate: give 0 or more"
				}
				body, _ := json.Marshal(status) // a struct of plain fields cannot fail
				client.Produce(ctx, &kgo.Record{Topic: rec.Topic, Key: []byte(workshop.ControlKeyStatus), Value: body}, nil)
				out <- w
			})
		}
	}()
	return out
}

func TestALoadIsSetThroughTheControlTopic(t *testing.T) {
	r := newRoom(t, 1)
	r.CreateTopic(t, r.ControlTopic(), 1, nil)
	watch(t, r.observer)
	ctx := t.Context()
	wanted := func(rate float64) workshop.Wanted {
		return workshop.Wanted{Load: &workshop.LoadPatch{Rate: &rate}, Reason: "step 1, Start"}
	}

	if err := r.observer.SetLoad(ctx, wanted(1)); !errors.Is(err, ErrNoProducer) {
		t.Errorf("without a producer: %v", err)
	}

	applied := producer(ctx, t, r)
	<-applied
	if err := r.observer.SetLoad(ctx, wanted(7)); err != nil {
		t.Error(err)
	}
	if got := <-applied; *got.Load.Rate != 7 || got.Reason != "step 1, Start" {
		t.Errorf("the producer read %+v", got)
	}
	if err := r.observer.SetLoad(ctx, wanted(-1)); err == nil || !strings.Contains(err.Error(), "refused the load: rate: give 0 or more") {
		t.Errorf("a load that is refused: %v", err)
	}
}
