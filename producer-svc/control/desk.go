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

// Config is what a Desk needs to know.
type Config struct {
	Kafka     kafka.Config
	Namespace workshop.Namespace
	Lesson    workshop.Lesson
	Initial   workshop.Load // in force until the instructor has set another
	Holder    string        // this instance's name: host and pid
	Lines     *load.Lines   // nil prints no lines
	Log       *slog.Logger
}

// A Desk is the one place where the load is turned, watched and kept. While this instance holds the
// lease it produces; otherwise it stands by.
type Desk struct {
	cfg   Config
	topic string
	dial  *load.Dial
	meter *load.Meter
	lease *lease
	read  *reader
	adm   *kadm.Client
	seen  *contact

	mu      sync.Mutex
	holding bool // producing, or about to
	note    string
	noteAt  time.Time
	fault   string // why nothing is produced though the lease is held
	history []Point
	changed chan struct{}
	persist chan chan struct{} // asks to keep the load; closed once that was tried
	saved   workshop.Load      // as it stands in workshop.control
}

// ErrStandby is what a Desk answers that does not hold the load.
type ErrStandby struct{ Holder string }

func (e ErrStandby) Error() string {
	if e.Holder == "" {
		return "standing by: nobody holds the load yet"
	}
	return "standing by: " + e.Holder + " holds the load"
}

// New prepares a Desk; Run brings it to life. It does not need the broker to be there yet.
func New(cfg Config) (*Desk, error) {
	if err := load.Check(cfg.Initial); err != nil {
		return nil, err
	}
	d := &Desk{
		cfg: cfg, topic: cfg.Namespace.Topic(cfg.Lesson), dial: load.NewDial(cfg.Initial), meter: &load.Meter{},
		seen: newContact(time.Now()), changed: make(chan struct{}, 1), persist: make(chan chan struct{}),
	}
	opts, err := d.opts("producer-svc")
	if err != nil {
		return nil, err
	}
	control := cfg.Namespace.Name(workshop.ControlTopic)
	if d.read, err = newReader(opts, control, cfg.Lesson.Name, cfg.Log); err != nil {
		return nil, fmt.Errorf("client to read %s: %w", control, err)
	}
	if d.lease, err = newLease(opts, cfg.Namespace.Name(workshop.ControlGroup), control, cfg.Log); err != nil {
		d.read.client.Close()
		return nil, fmt.Errorf("client to hold %s: %w", control, err)
	}
	d.adm = kadm.NewClient(d.read.client)
	return d, nil
}

func (d *Desk) opts(id string) ([]kgo.Opt, error) {
	opts, err := d.cfg.Kafka.Opts(id, d.cfg.Log)
	if err != nil {
		return nil, err
	}
	return append(opts, kgo.WithHooks(d.seen)), nil
}

// Run produces whenever this instance holds the lease, until ctx ends.
func (d *Desk) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { d.sample(ctx) })
	parts.Go(func() { d.read.Run(ctx) })
	// The lease is left last, after what was produced is flushed: nobody else starts before.
	leased, leave := context.WithCancel(context.WithoutCancel(ctx))
	parts.Go(func() { d.lease.Run(leased) })
	d.work(ctx)
	leave()
	parts.Wait()
}

// work waits for the lease and produces under it, again and again.
func (d *Desk) work(ctx context.Context) {
	backoff, tries := kafka.Backoff(200*time.Millisecond, 2*time.Second), 0
	prepared, held := false, false
	for ctx.Err() == nil {
		wait := load.CatchUp / 2
		var err error
		switch now := time.Now(); {
		case !prepared:
			err = d.prepare(ctx)
			prepared = err == nil
		case d.lease.Held(now):
			held = true
			err = d.hold(ctx)
		default:
			due := d.dial.Rest(now)
			if held = held && now.Sub(d.seen.Last()) > 500*time.Millisecond; held {
				// The broker is away, and the lease with it: what is due until it is back is dropped.
				d.meter.Dropped(now, due, true)
			}
		}
		if err != nil && ctx.Err() == nil {
			tries++
			wait = backoff(tries)
			d.failed(err)
		} else {
			tries = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// failed keeps why nothing is produced, and logs it once.
func (d *Desk) failed(err error) {
	why := load.Words(d.topic, err)
	d.mu.Lock()
	fresh := d.fault != why
	d.fault = why
	d.mu.Unlock()

	if fresh {
		d.cfg.Log.Warn("cannot produce yet", "error", err)
	}
}

// prepare makes workshop.control, which the lease is about.
func (d *Desk) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, made, err := ensureTopic(ctx, d.read.client, d.cfg.Namespace.Control())
	if made {
		d.cfg.Log.Info("made topic", "topic", d.read.topic)
	}
	return err
}

// hold takes the load over and produces until the lease, the topic or ctx ends.
func (d *Desk) hold(ctx context.Context) error {
	defer d.setHolding(false)
	if err := d.takeOver(ctx); err != nil {
		return err
	}
	err := d.produce(ctx)
	if errors.Is(err, load.ErrTopicGone) {
		d.say(slog.LevelWarn, "The topic %s was deleted: making it anew.", d.topic)
		return nil
	}
	return err
}

// takeOver makes the lesson's topic where it is missing and restores the load that was set.
func (d *Desk) takeOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	k, err := d.read.UpToDate(ctx, d.adm)
	if err != nil {
		return err
	}
	have, made, err := ensureTopic(ctx, d.read.client, d.cfg.Namespace.LessonTopic(d.cfg.Lesson))
	if err != nil {
		return err
	}
	d.meter.Partitions(have)
	switch {
	case made:
		d.say(slog.LevelInfo, "Made the topic %s with %d partitions.", d.topic, have)
	case have != d.cfg.Lesson.Partitions:
		d.say(slog.LevelWarn, "The topic %s has %d partitions; the lesson is written for %d.", d.topic, have, d.cfg.Lesson.Partitions)
	}
	d.restore(k)
	d.setHolding(true)
	d.cfg.Log.Info("this instance holds the load", "rate", d.dial.Rate(), "topic", d.topic)
	return nil
}

// restore puts the load in force that is kept, unless nobody has held it since this instance did:
// then a ramp that was under way goes on.
func (d *Desk) restore(k kept) {
	now := time.Now()
	switch {
	case d.saved.Keys != "" && k.status.Holder == d.cfg.Holder:
		return
	case k.load == nil && d.saved.Keys == "":
		d.saved = d.dial.Now(now).Load // the load of the start: nobody has set it
		return
	case k.load == nil:
		return // what was set since has not arrived: report writes it
	}
	if err := d.dial.Restore(now, *k.load); err != nil {
		d.cfg.Log.Warn("the load that was kept is not used", "error", err)
	}
	d.saved = *k.load
}

func (d *Desk) setHolding(on bool) {
	d.mu.Lock()
	was := d.holding
	d.holding = on
	if on {
		d.fault = ""
	}
	d.mu.Unlock()
	if was != on {
		d.announce()
	}
	if was && !on {
		d.cfg.Log.Info("this instance no longer holds the load")
	}
}

// say keeps and logs a sentence for the instructor.
func (d *Desk) say(level slog.Level, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.cfg.Log.Log(context.Background(), level, text)
	d.mu.Lock()
	d.note, d.noteAt = text, time.Now()
	d.mu.Unlock()
	d.announce()
}

// announce wakes who watches for a change.
func (d *Desk) announce() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
