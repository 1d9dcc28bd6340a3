package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Config configures a Controller.
type Config struct {
	workshop.Room
	Kafka   kafka.Config
	Initial workshop.Load // applies until the instructor sets another
	Holder  string        // this instance's name: host and pid
	Lines   *load.Lines   // nil prints no lines
	Log     *slog.Logger
}

// A Controller changes, runs, reports and stores the load. It produces while this instance holds the
// lease and stands by otherwise. Its methods are safe for concurrent use.
type Controller struct {
	cfg     Config
	topic   string
	dial    *load.Dial
	meter   *load.Meter
	lease   *lease
	reader  *reader
	admin   *kadm.Client
	contact *contact

	changed      chan struct{}      // signals the panel; holds at most one signal
	saveRequests chan chan struct{} // report closes the channel it receives after an attempt to save

	// saved is the load in workshop.control. Only the goroutine in Run uses it, and report while that
	// goroutine is in produce.
	saved workshop.Load

	// answered is the offset of the last wanted record that a holder has applied or rejected, nil for none, and
	// wantedError why it was rejected. The goroutines that may use saved may use them.
	answered    *int64
	wantedError string

	mu      sync.Mutex // guards the fields below
	holding bool       // producing, or about to
	note    string     // the last message for the instructor
	noteAt  time.Time
	fault   string // why nothing is produced although the lease is held
	history []Point
}

// A StandbyError rejects a change on an instance that does not hold the load.
type StandbyError struct{ Holder string }

func (e StandbyError) Error() string {
	if e.Holder == "" {
		return "standing by: nobody holds the load yet"
	}

	return "standing by: " + e.Holder + " holds the load"
}

// New returns a Controller that does nothing until Run. The broker need not be reachable yet.
func New(cfg Config) (*Controller, error) {
	if err := cfg.Initial.Validate(); err != nil {
		return nil, err
	}

	c := &Controller{
		cfg:          cfg,
		topic:        cfg.Topic(),
		dial:         load.NewDial(cfg.Initial),
		meter:        &load.Meter{},
		contact:      newContact(time.Now()),
		changed:      make(chan struct{}, 1),
		saveRequests: make(chan chan struct{}),
	}
	opts, err := c.opts("producer-svc")
	if err != nil {
		return nil, err
	}

	control := cfg.ControlTopic()
	if c.reader, err = newReader(opts, control, cfg.Lesson.Name, cfg.Log); err != nil {
		return nil, fmt.Errorf("create client to read %s: %w", control, err)
	}
	c.admin = kadm.NewClient(c.reader.client)

	if c.lease, err = newLease(opts, cfg.Namespace.Name(workshop.ControlGroup), control, cfg.Log); err != nil {
		c.reader.client.Close()
		return nil, fmt.Errorf("create client for the lease on %s: %w", control, err)
	}
	return c, nil
}

func (c *Controller) opts(id string) ([]kgo.Opt, error) {
	opts, err := c.cfg.Kafka.Opts(id, c.cfg.Log)
	if err != nil {
		return nil, err
	}

	return append(opts, kgo.WithHooks(c.contact)), nil
}

// Run produces whenever this instance holds the lease, until ctx ends.
func (c *Controller) Run(ctx context.Context) {
	var background sync.WaitGroup
	background.Go(func() { c.sample(ctx) })
	background.Go(func() { c.reader.Run(ctx) })

	// Leave the group only after buffered records are flushed, so that no other instance starts before.
	leaseCtx, leave := context.WithCancel(context.WithoutCancel(ctx))
	background.Go(func() { c.lease.Run(leaseCtx) })

	c.produceWhenHeld(ctx)
	leave()
	background.Wait()
}

// produceWhenHeld waits for the lease and produces while it is held, repeatedly, until ctx ends.
func (c *Controller) produceWhenHeld(ctx context.Context) {
	backoff := kafka.Backoff(200*time.Millisecond, 2*time.Second)
	tries := 0
	prepared := false
	held := false
	for ctx.Err() == nil {
		wait := load.CatchUp / 2
		var err error

		switch now := time.Now(); {
		case !prepared:
			err = c.ensureControlTopic(ctx)
			prepared = err == nil
		case c.lease.Held(now):
			held = true
			err = c.takeOverAndProduce(ctx)
		default:
			due := c.dial.DiscardDue(now)
			if held = held && now.Sub(c.contact.Last()) > 500*time.Millisecond; held {
				// The lease was lost because the broker is away: records due until it is back are dropped.
				c.meter.Dropped(now, due, true)
			}
		}

		if err != nil && ctx.Err() == nil {
			tries++
			wait = backoff(tries)
			c.setFault(err)
		} else {
			tries = 0
		}

		kafka.Sleep(ctx, wait)
	}
}

// setFault stores why nothing is produced, and logs it if it is new.
func (c *Controller) setFault(err error) {
	reason := load.Reason(c.topic, err)
	c.mu.Lock()
	isNew := c.fault != reason
	c.fault = reason
	c.mu.Unlock()

	if isNew {
		c.cfg.Log.Warn("cannot produce yet", "error", err)
	}
}

// ensureControlTopic creates workshop.control if it is missing. The lease needs it.
func (c *Controller) ensureControlTopic(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	_, created, err := ensureTopic(ctx, c.reader.client, c.cfg.Control())
	if created {
		c.cfg.Log.Info("created topic", "topic", c.reader.topic)
	}
	return err
}

// takeOverAndProduce takes over the load and produces until the lease is lost, the topic is deleted or
// ctx ends.
func (c *Controller) takeOverAndProduce(ctx context.Context) error {
	defer c.setHolding(false)
	if err := c.takeOver(ctx); err != nil {
		return err
	}

	err := c.produce(ctx)
	if errors.Is(err, load.ErrTopicGone) {
		c.setNote(slog.LevelWarn, "The topic %s was deleted. It is being created again.", c.topic)
		return nil
	}
	return err
}

// takeOver creates the lesson's topic if it is missing and restores the stored load.
func (c *Controller) takeOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	stored, err := c.reader.ReadToEnd(ctx, c.admin)
	if err != nil {
		return err
	}

	partitions, created, err := ensureTopic(ctx, c.reader.client, c.cfg.LessonTopic())
	if err != nil {
		return err
	}
	c.meter.SetPartitions(partitions)
	switch {
	case created:
		c.setNote(slog.LevelInfo, "Created the topic %s with %d partitions.", c.topic, partitions)
	case partitions != c.cfg.Lesson.Partitions:
		c.setNote(slog.LevelWarn, "The topic %s has %d partitions; the lesson expects %d.", c.topic, partitions, c.cfg.Lesson.Partitions)
	}

	c.restore(stored)
	if at := stored.status.Wanted; at != nil && (c.answered == nil || *at > *c.answered) {
		c.answered, c.wantedError = at, stored.status.WantedError
	}
	c.setHolding(true)
	c.cfg.Log.Info("this instance holds the load", "rate", c.dial.Rate(), "topic", c.topic)
	return nil
}

// restore applies the stored load, unless this instance was the last holder: its own dial is newer then, and a ramp in
// progress continues.
func (c *Controller) restore(stored controlState) {
	now := time.Now()
	switch {
	case c.saved.Keys != "" && stored.status.Holder == c.cfg.Holder:
		return
	case stored.load == nil && c.saved.Keys == "":
		c.saved = c.dial.Now(now).Load // the initial load: nobody has changed it
		return
	case stored.load == nil:
		return // changes since then are not stored yet; the next save stores them
	}

	if err := c.dial.Restore(now, *stored.load); err != nil {
		c.cfg.Log.Warn("ignoring the stored load: it is out of bounds", "error", err)
	}
	c.saved = *stored.load
}

func (c *Controller) setHolding(on bool) {
	c.mu.Lock()
	was := c.holding
	c.holding = on
	if on {
		c.fault = ""
	}
	c.mu.Unlock()

	if was != on {
		c.notify()
	}
	if was && !on {
		c.cfg.Log.Info("this instance no longer holds the load")
	}
}

// setNote logs a message and shows it to the instructor.
func (c *Controller) setNote(level slog.Level, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.cfg.Log.Log(context.Background(), level, text)

	c.mu.Lock()
	c.note = text
	c.noteAt = time.Now()
	c.mu.Unlock()
	c.notify()
}

// notify signals Changed. A pending signal covers this one.
func (c *Controller) notify() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}
