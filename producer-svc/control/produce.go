package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"

	"github.com/twmb/franz-go/pkg/kgo"
)

// producerOpts: acknowledged by all replicas and idempotent, as is the library's default; without
// compression, which measured best and which every client can read.
func producerOpts() []kgo.Opt {
	return []kgo.Opt{
		kgo.RecordPartitioner(load.Partitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),                // a saturated broker makes batches by itself
		kgo.ProducerBatchMaxBytes(128 << 10), // larger ones are a burden to the broker's memory, and measured slower
		kgo.MaxBufferedRecords(1 << 20),      // the emitter keeps an account of its own, well below
		kgo.UnknownTopicRetries(1),
		kgo.MetadataMaxAge(2 * time.Second),       // partitions that are added get records soon
		kgo.MetadataMinAge(50 * time.Millisecond), // the lesson's topic is not to wait because workshop.control was just asked for
	}
}

// flushWithin is how long records that wait may take to arrive when producing ends.
const flushWithin = 4 * time.Second

// produce runs an emitter with a client of its own: what a former one had in its hands is gone with
// it, and so are its sequence numbers.
func (d *Desk) produce(ctx context.Context) error {
	opts, err := d.opts("producer-svc")
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(opts, producerOpts()...)...)
	if err != nil {
		return fmt.Errorf("client to produce with: %w", err)
	}

	start := strings.ToLower(rand.Text()[:8])
	maker := load.MakerFor(d.cfg.Lesson, start, mathrand.Uint64(), mathrand.Uint64())
	emitter := load.NewEmitter(d.topic, client, d.dial, d.meter, maker, d.cfg.Lines)

	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var beside sync.WaitGroup
	beside.Go(func() { d.report(running, client) })
	beside.Go(func() { d.watch(running, stop) })
	d.dial.Rest(time.Now()) // what was due while all this was made ready was never promised to anybody
	err = emitter.Run(running, d.lease.Held)
	d.setHolding(false)
	if cause := context.Cause(running); ctx.Err() == nil && errors.Is(cause, load.ErrTopicGone) {
		err = cause
	}
	stop(nil)
	if ctx.Err() != nil && d.lease.Held(time.Now()) {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
		defer cancel()
		if err := client.Flush(grace); err != nil {
			d.cfg.Log.Warn("records that waited for the broker are given up", "error", err)
		}
	}
	client.Close() // before the wait: a record on its way to workshop.control fails with it
	beside.Wait()
	return err
}

// watch looks each few seconds whether the topic is still there, with how many partitions.
func (d *Desk) watch(ctx context.Context, stop context.CancelCauseFunc) {
	t := time.NewTicker(3 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		have, err := partitionsOf(ctx, d.read.client, d.topic)
		switch {
		case err != nil:
			d.cfg.Log.Debug("look at the topic", "error", err)
		case have == 0:
			stop(load.ErrTopicGone)
			return
		default:
			d.meter.Partitions(have)
		}
	}
}

// report writes to workshop.control what the load does, each second, and the load itself whenever
// it has changed.
func (d *Desk) report(ctx context.Context, client *kgo.Client) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	var asked chan struct{}
	for {
		now := time.Now()
		set := d.dial.Now(now)
		if set.Load != d.saved && d.write(ctx, client, workshop.ControlKeyLoad, set.Load) {
			d.saved = set.Load
		}
		if asked != nil {
			close(asked)
		}
		d.write(ctx, client, workshop.ControlKeyStatus, d.status(now))
		select {
		case <-ctx.Done():
			return
		case asked = <-d.persist:
		case <-t.C:
			asked = nil
		}
	}
}

// write puts one record on workshop.control and reports whether it arrived.
func (d *Desk) write(ctx context.Context, client *kgo.Client, key string, value any) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := client.ProduceSync(ctx, record(d.read.topic, d.cfg.Lesson.Name, key, value)).FirstErr()
	if err != nil && ctx.Err() == nil {
		d.cfg.Log.Warn("cannot keep the load", "key", key, "error", err)
	}
	return err == nil
}

func (d *Desk) status(now time.Time) workshop.LoadStatus {
	v := d.View(now)
	return workshop.LoadStatus{
		Holder: d.cfg.Holder, Rate: v.Rate, Achieved: v.Achieved, Paused: v.Paused, Produced: v.Produced,
		At: now.UTC().Format(workshop.TimeFormat),
	}
}
