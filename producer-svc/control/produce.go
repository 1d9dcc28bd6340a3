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

// producerOpts keep the library's defaults of acks=all and idempotence. Compression is off: that
// measured fastest, and every client can read the records.
func producerOpts(spread *load.Spread) []kgo.Opt {
	return []kgo.Opt{
		kgo.RecordPartitioner(spread),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),           // batches fill by themselves once the broker is busy
		kgo.MaxBufferedRecords(1 << 20), // never reached: the emitter's own limit is far lower
		kgo.UnknownTopicRetries(1),
		kgo.MetadataMaxAge(2 * time.Second),       // finds added partitions soon
		kgo.MetadataMinAge(50 * time.Millisecond), // workshop.control's metadata was just requested; do not delay the lesson topic's
	}
}

// flushTimeout limits how long buffered records may take to arrive when the service stops.
const flushTimeout = 4 * time.Second

// produce runs an emitter until the lease is lost, the topic is deleted or ctx ends. Each call has its
// own client, so that no records or sequence numbers are left over from an earlier one.
func (c *Controller) produce(ctx context.Context) error {
	opts, err := c.opts("producer-svc")
	if err != nil {
		return err
	}
	spread := &load.Spread{}
	client, err := kgo.NewClient(append(opts, producerOpts(spread)...)...)
	if err != nil {
		return fmt.Errorf("create client to produce: %w", err)
	}

	start := strings.ToLower(rand.Text()[:8])
	maker := load.MakerFor(c.cfg.Lesson, start, mathrand.Uint64(), mathrand.Uint64())
	emitter := load.NewEmitter(c.topic, client, c.dial, c.meter, maker, c.cfg.Lines, spread)

	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var background sync.WaitGroup
	background.Go(func() { c.report(running, client) })
	background.Go(func() { c.watchTopic(running, stop) })

	c.dial.DiscardDue(time.Now()) // records that came due during the setup do not count as dropped
	err = emitter.Run(running, c.lease.Held)
	c.setHolding(false)
	if cause := context.Cause(running); ctx.Err() == nil && errors.Is(cause, load.ErrTopicGone) {
		err = cause
	}
	stop(nil)

	if ctx.Err() != nil && c.lease.Held(time.Now()) {
		c.flush(ctx, client)
	}
	client.Close() // before the wait: it fails a pending write to workshop.control
	background.Wait()
	return err
}

// flush waits for buffered records although ctx has ended.
func (c *Controller) flush(ctx context.Context, client *kgo.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()

	if err := client.Flush(ctx); err != nil {
		c.cfg.Log.Warn("dropping buffered records: flush failed", "error", err)
	}
}

// watchTopic checks every three seconds that the topic exists, and counts its partitions.
func (c *Controller) watchTopic(ctx context.Context, stop context.CancelCauseFunc) {
	t := time.NewTicker(3 * time.Second)
	defer t.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}

		partitions, err := countPartitions(ctx, c.reader.client, c.topic)
		switch {
		case err != nil:
			c.cfg.Log.Debug("cannot check the topic", "error", err)
		case partitions == 0:
			stop(load.ErrTopicGone)
			return
		default:
			c.meter.SetPartitions(partitions)
		}
	}
}

// report writes the status to workshop.control every second, and the load whenever it has changed. It
// applies what the leaderboard asks for.
func (c *Controller) report(ctx context.Context, client *kgo.Client) {
	t := time.NewTicker(time.Second)
	defer t.Stop()

	var request chan struct{}
	for {
		now := time.Now()
		c.applyWanted(now)
		set := c.dial.Now(now)
		if set.Load != c.saved && c.writeControl(ctx, client, workshop.ControlKeyLoad, set.Load) {
			c.saved = set.Load
		}
		if request != nil {
			close(request)
		}
		c.writeControl(ctx, client, workshop.ControlKeyStatus, c.status(now))

		select {
		case <-ctx.Done():
			return
		case request = <-c.saveRequests:
		case <-c.reader.asked:
			request = nil
		case <-t.C:
			request = nil
		}
	}
}

// writeControl writes one record to workshop.control and reports whether it was acknowledged.
func (c *Controller) writeControl(ctx context.Context, client *kgo.Client, key string, value any) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()

	err := client.ProduceSync(ctx, controlRecord(c.reader.topic, c.cfg.Lesson.Name, key, value)).FirstErr()
	if err != nil && ctx.Err() == nil {
		c.cfg.Log.Warn("cannot write to the control topic", "topic", c.reader.topic, "key", key, "error", err)
	}
	return err == nil
}

func (c *Controller) status(now time.Time) workshop.LoadStatus {
	v := c.View(now)
	return workshop.LoadStatus{
		Holder: c.cfg.Holder, Rate: v.Rate, Achieved: v.Achieved, Paused: v.Paused, Keys: v.Keys, FixedKeys: v.FixedKeys, Produced: v.Produced,
		At: now.UTC().Format(workshop.TimeFormat), Wanted: c.answered, WantedError: c.wantedError,
	}
}
