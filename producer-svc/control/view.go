package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A View is the JSON of GET /api/load.
type View struct {
	workshop.Load
	Lesson     string      `json:"lesson"`
	Achieved   float64     `json:"achieved"`
	Produced   int64       `json:"produced"`
	Errors     int64       `json:"errors"`
	Dropped    int64       `json:"dropped"`
	AckP50     float64     `json:"ack_p50_ms"`
	AckP99     float64     `json:"ack_p99_ms"`
	LimitedBy  *string     `json:"limited_by"`
	Partitions []Partition `json:"partitions"`
	Ramp       *Ramp       `json:"ramp"`

	// What the panel shows besides.
	Topic     string        `json:"-"`
	Holder    string        `json:"-"`
	Holding   bool          `json:"-"`
	Burst     int           `json:"-"`
	Error     string        `json:"-"` // the last refusal, in words
	ErrorAt   time.Time     `json:"-"`
	Note      string        `json:"-"`
	NoteAt    time.Time     `json:"-"`
	AwaySince time.Time     `json:"-"` // the broker has not answered since; zero while it does
	Fault     string        `json:"-"` // why nothing is produced
	Bytes     int64         `json:"-"`
	At        workshop.Time `json:"-"`
}

// A Partition is one partition's share.
type Partition struct {
	Partition int     `json:"partition"`
	Produced  int64   `json:"produced"`
	Rate      float64 `json:"rate"`
}

// A Ramp is one that is under way.
type Ramp struct {
	To     float64       `json:"to"`
	EndsAt workshop.Time `json:"ends_at"`
}

// A Point is one second of the curve.
type Point struct {
	Target   float64
	Achieved float64
}

// historyPoints is five minutes of seconds.
const historyPoints = 300

// away is how long the broker may be silent before the panel says so, and before /readyz does.
const (
	silent = 2 * time.Second
	away   = 10 * time.Second
)

// View is what there is to see at a moment.
func (d *Desk) View(now time.Time) View {
	set := d.dial.Now(now)
	d.mu.Lock()
	holding, note, noteAt, fault := d.holding, d.note, d.noteAt, d.fault
	d.mu.Unlock()
	v := View{Load: set.Load, Lesson: d.cfg.Lesson.Name, Topic: d.topic, Holding: holding, Burst: set.Burst,
		Note: note, NoteAt: noteAt, Fault: fault, At: workshop.At(now)}
	target := set.Rate
	if set.Paused || !holding {
		target = 0
	}
	r := d.meter.Read(now, target, set.Changed)
	v.Achieved, v.Produced, v.Errors, v.Dropped = round(r.Achieved), r.Produced, r.Errors, r.Dropped
	v.AckP50, v.AckP99 = ms(r.P50), ms(r.P99)
	v.Error, v.ErrorAt, v.Bytes = r.Error, r.ErrorAt, r.Bytes
	if r.Limited {
		broker := "broker"
		v.LimitedBy = &broker
	}
	v.Partitions = make([]Partition, len(r.Rates))
	for i := range v.Partitions {
		v.Partitions[i] = Partition{i, r.Partitions[i], round(r.Rates[i])}
	}
	if set.Ramp != nil {
		v.Ramp = &Ramp{set.Ramp.To, workshop.At(set.Ramp.End)}
	}
	if last := d.seen.Last(); now.Sub(last) > silent {
		v.AwaySince = last
	}
	v.Holder = d.cfg.Holder
	if !holding {
		v.Holder = d.otherHolder(now)
	}
	return v
}

func round(f float64) float64            { return math.Round(f*100) / 100 }
func ms(d time.Duration) float64         { return round(float64(d) / float64(time.Millisecond)) }
func (d *Desk) History() []Point         { d.mu.Lock(); defer d.mu.Unlock(); return slices.Clone(d.history) }
func (d *Desk) Changed() <-chan struct{} { return d.changed }

// otherHolder is who said last that it holds the load, unless that is long ago.
func (d *Desk) otherHolder(now time.Time) string {
	k := d.read.Kept()
	if now.Sub(k.seen) > away {
		return ""
	}
	return k.status.Holder
}

// Ready says why this instance does not produce, if so.
func (d *Desk) Ready() error { return d.ready(time.Now()) }

func (d *Desk) ready(now time.Time) error {
	if last := d.seen.Last(); now.Sub(last) > away {
		return fmt.Errorf("kafka has not answered for %d s", int(now.Sub(last).Seconds()))
	}
	return d.mayTurn(now)
}

func (d *Desk) mayTurn(now time.Time) error {
	d.mu.Lock()
	holding := d.holding
	d.mu.Unlock()
	if !holding {
		return ErrStandby{d.otherHolder(now)}
	}
	return nil
}

// Set changes the load.
func (d *Desk) Set(p load.Patch) error {
	return d.turn(func(now time.Time) error { return d.dial.Set(now, p) })
}

// StartRamp leads the rate to another.
func (d *Desk) StartRamp(to float64, over time.Duration) error {
	return d.turn(func(now time.Time) error { return d.dial.StartRamp(now, to, over) })
}

// Burst puts records on top.
func (d *Desk) Burst(records int) error {
	return d.turn(func(time.Time) error { return d.dial.Burst(records) })
}

func (d *Desk) turn(do func(now time.Time) error) error {
	now := time.Now()
	if err := d.mayTurn(now); err != nil {
		return err
	}
	if err := do(now); err != nil {
		return err
	}
	d.announce()
	d.keep()
	return nil
}

// keep waits until the load is kept on the cluster, but not for long: it is in force already, and
// is kept as soon as that can be done.
func (d *Desk) keep() {
	late := time.After(time.Second)
	kept := make(chan struct{})
	select {
	case d.persist <- kept:
	case <-late:
		return
	}
	select {
	case <-kept:
	case <-late:
	}
}

// ErrFewer is a number of partitions below what the topic has.
type ErrFewer struct{ Have int }

func (e ErrFewer) Error() string {
	return fmt.Sprintf("count: the topic has %d partitions, and partitions are never taken away", e.Have)
}

// MaxPartitions is the most that the panel makes.
const MaxPartitions = 100

// SetPartitions adds partitions to the topic until it has so many.
func (d *Desk) SetPartitions(ctx context.Context, count int) error {
	if err := d.mayTurn(time.Now()); err != nil {
		return err
	}
	if count < 1 || count > MaxPartitions {
		return load.Fault{Field: "count", Says: fmt.Sprintf("give 1 to %d", MaxPartitions)}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	have, err := partitionsOf(ctx, d.read.client, d.topic)
	if err != nil || count == have {
		return err
	}
	if count < have {
		return ErrFewer{have}
	}
	resp, err := d.adm.UpdatePartitions(ctx, count, d.topic)
	if err == nil {
		err = resp.Error()
	}
	if errors.Is(err, kerr.InvalidPartitions) {
		return ErrFewer{have}
	}
	if err != nil {
		return fmt.Errorf("add partitions to %s: %w", d.topic, err)
	}
	d.meter.Partitions(count)
	d.say(slog.LevelWarn, "The topic %s has %d partitions now: every group rebalances, and keys move.", d.topic, count)
	return nil
}

// sample feeds the meter ten times a second and the curve once.
func (d *Desk) sample(ctx context.Context) {
	t := time.NewTicker(load.SampleEvery)
	defer t.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			d.meter.Sample(now)
			if n%10 == 0 {
				d.point(now)
			}
		}
	}
}

func (d *Desk) point(now time.Time) {
	v := d.View(now)
	p := Point{v.Rate, v.Achieved}
	if v.Paused || !v.Holding {
		p.Target = 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.history) == historyPoints {
		d.history = slices.Delete(d.history, 0, 1)
	}
	d.history = append(d.history, p)
}

// Latency is the histogram of acknowledgement times since the start.
func (d *Desk) Latency(bounds []time.Duration) (within []int64, count int64, sum time.Duration) {
	return d.meter.Latency(bounds)
}
