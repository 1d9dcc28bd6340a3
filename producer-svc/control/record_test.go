package control

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/kafkatest"
	"kafka-workshop/internal/workshop"
)

// Who takes over waits until workshop.control has been read to its end: what was read before may be an older load.
func TestTheKeptLoadIsReadToItsEnd(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Namespace.Name(workshop.ControlTopic)
	c.CreateTopic(t, topic, 1, nil)
	rec := record(topic, workshop.ScaleUp.Name, workshop.ControlKeyLoad, workshop.Load{Rate: 77, Keys: "null", FixedKeys: 4, HotShare: 0.5})
	if err := c.Client(t).ProduceSync(t.Context(), rec).FirstErr(); err != nil {
		t.Fatal(err)
	}
	opts, err := c.Config.Opts("control-test", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(opts, topic, workshop.ScaleUp.Name, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)

	// nothing reads yet
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if k, err := r.UpToDate(ctx, c.Admin(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("up to date before anything was read: %+v, %v", k, err)
	}

	r.take(kafka.Record{Key: rec.Key, Value: rec.Value})
	r.reached(1)
	k, err := r.UpToDate(t.Context(), c.Admin(t))
	if err != nil || k.load == nil || k.load.Rate != 77 {
		t.Errorf("%+v, %v", k, err)
	}
}
