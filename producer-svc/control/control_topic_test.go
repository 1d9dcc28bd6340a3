package control

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"
)

// An instance that takes over waits until workshop.control has been read to its end: what was read before may be an
// older load.
func TestTheKeptLoadIsReadToItsEnd(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.ControlTopic()
	c.CreateTopic(t, topic, 1, nil)
	rec := controlRecord(topic, workshop.ScaleUp.Name, workshop.ControlKeyLoad, workshop.Load{Rate: 77, Keys: "null", FixedKeys: 4, HotShare: 0.5})
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
	if k, err := r.ReadToEnd(ctx, c.Admin(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("up to date before anything was read: %+v, %v", k, err)
	}

	r.handleRecord(kafka.Record{Key: rec.Key, Value: rec.Value})
	r.advance(1)
	k, err := r.ReadToEnd(t.Context(), c.Admin(t))
	if err != nil || k.load == nil || k.load.Rate != 77 {
		t.Errorf("%+v, %v", k, err)
	}
}

// A load that was set but never reached the cluster is still saved after a takeover that finds none there.
func TestALoadThatNeverArrivedIsStillToBeKept(t *testing.T) {
	initial := workshop.ScaleUp.DefaultLoad()
	d := &Controller{cfg: Config{Holder: "one", Log: slog.New(slog.DiscardHandler)}, dial: load.NewDial(initial)}
	d.restore(controlState{})
	if d.saved != initial {
		t.Errorf("the load of the start is to be kept as %+v", d.saved)
	}

	if err := d.dial.Set(time.Now(), rate(55)); err != nil {
		t.Fatal(err)
	}
	d.restore(controlState{})
	if d.saved != initial || d.dial.Now(time.Now()).Rate != 55 {
		t.Errorf("%+v counts as kept, and is not on the cluster", d.saved)
	}
}
