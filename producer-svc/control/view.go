package control

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"
)

// A Report is the JSON of GET /api/load.
type Report struct {
	workshop.Load
	Lesson     string      `json:"lesson"`
	Achieved   float64     `json:"achieved"` // acknowledged records per second
	Produced   int64       `json:"produced"`
	Errors     int64       `json:"errors"`
	Dropped    int64       `json:"dropped"`
	AckP50     float64     `json:"ack_p50_ms"`
	AckP99     float64     `json:"ack_p99_ms"`
	LimitedBy  *string     `json:"limited_by"`
	Partitions []Partition `json:"partitions"`
	Ramp       *Ramp       `json:"ramp"`
}

// A View is what the panel displays: the Report, and fields outside the API's contract.
type View struct {
	Report
	Topic     string         `json:"topic"`
	Holder    string         `json:"holder"`
	Holding   bool           `json:"holding"`
	Burst     int            `json:"burst"`    // records of bursts that are not sent yet
	Error     string         `json:"error"`    // the last reason for which records were rejected
	ErrorAt   *workshop.Time `json:"error_at"` // nil for never
	Note      string         `json:"note"`
	NoteAt    *workshop.Time `json:"note_at"`
	AwaySince *workshop.Time `json:"away_since"` // the broker has not answered since; nil while it does
	Fault     string         `json:"fault"`      // why nothing is produced although this instance holds the lease
	At        workshop.Time  `json:"at"`
	Bytes     int64          `json:"-"` // for metrics
}

// A Partition is what was produced to one partition.
type Partition struct {
	Partition int     `json:"partition"`
	Produced  int64   `json:"produced"`
	Rate      float64 `json:"rate"`
}

// A Ramp is a change of the rate in progress.
type Ramp struct {
	To     float64       `json:"to"`
	EndsAt workshop.Time `json:"ends_at"`
}

// A Point is one second of the rate's history, in records per second.
type Point struct {
	Target   float64
	Achieved float64
}

// historyPoints is five minutes of one point a second.
const historyPoints = 300

// How long the broker may be silent.
const (
	silent = 2 * time.Second  // before the panel shows it
	away   = 10 * time.Second // before /readyz reports it
)

// View returns the state at now.
func (c *Controller) View(now time.Time) View {
	set := c.dial.Now(now)
	v := View{
		Report: Report{Load: set.Load, Lesson: c.cfg.Lesson.Name},
		Topic:  c.topic, Burst: set.Burst, At: workshop.At(now),
	}
	if set.Ramp != nil {
		v.Ramp = &Ramp{set.Ramp.To, workshop.At(set.Ramp.End)}
	}

	c.mu.Lock()
	v.Holding, v.Fault = c.holding, c.fault
	v.Note, v.NoteAt = c.note, timestamp(c.noteAt)
	c.mu.Unlock()

	v.Holder = c.cfg.Holder
	if !v.Holding {
		v.Holder = c.otherHolder(now)
	}
	if last := c.contact.Last(); now.Sub(last) > silent {
		v.AwaySince = timestamp(last)
	}

	target := set.Rate
	if set.Paused || !v.Holding {
		target = 0
	}
	v.addReading(c.meter.Read(now, target, set.Changed))
	return v
}

// addReading fills in what the meter has measured.
func (v *View) addReading(r load.Reading) {
	v.Achieved = round(r.Achieved)
	v.Produced = r.Produced
	v.Errors = r.Errors
	v.Dropped = r.Dropped
	v.Bytes = r.Bytes
	v.AckP50, v.AckP99 = milliseconds(r.P50), milliseconds(r.P99)
	v.Error, v.ErrorAt = r.Error, timestamp(r.ErrorAt)
	if r.Limited {
		broker := "broker"
		v.LimitedBy = &broker
	}

	v.Partitions = make([]Partition, len(r.Rates))
	for i := range v.Partitions {
		v.Partitions[i] = Partition{i, r.Partitions[i], round(r.Rates[i])}
	}
}

// timestamp returns nil for the zero time.
func timestamp(t time.Time) *workshop.Time {
	if t.IsZero() {
		return nil
	}

	at := workshop.At(t)
	return &at
}

// round keeps two decimals.
func round(f float64) float64 { return math.Round(f*100) / 100 }

func milliseconds(d time.Duration) float64 { return round(float64(d) / float64(time.Millisecond)) }

// History returns up to five minutes of points, the newest last.
func (c *Controller) History() []Point {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.history)
}

// Changed receives a signal after changes of the load, the holder or the note.
func (c *Controller) Changed() <-chan struct{} { return c.changed }

// otherHolder returns the holder that workshop.control names, unless its status is outdated.
func (c *Controller) otherHolder(now time.Time) string {
	state := c.reader.State()
	if now.Sub(state.seen) > away {
		return ""
	}

	return state.status.Holder
}

// Ready returns why this instance does not produce, or nil.
func (c *Controller) Ready() error { return c.ready(time.Now()) }

func (c *Controller) ready(now time.Time) error {
	if last := c.contact.Last(); now.Sub(last) > away {
		return fmt.Errorf("kafka has not answered for %d s", int(now.Sub(last).Seconds()))
	}

	return c.checkHolding(now)
}

// sample samples the meter every load.SampleEvery and adds a point to the history every second.
func (c *Controller) sample(ctx context.Context) {
	t := time.NewTicker(load.SampleEvery)
	defer t.Stop()

	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			c.meter.Sample(now)
			if n%10 == 0 {
				c.addPoint(now)
			}
		}
	}
}

func (c *Controller) addPoint(now time.Time) {
	v := c.View(now)
	p := Point{Target: v.Rate, Achieved: v.Achieved}
	if v.Paused || !v.Holding {
		p.Target = 0
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.history) == historyPoints {
		c.history = slices.Delete(c.history, 0, 1)
	}
	c.history = append(c.history, p)
}

// Latency returns the histogram of acknowledgement times since the start, as load.Meter does.
func (c *Controller) Latency(bounds []time.Duration) (within []int64, count int64, sum time.Duration) {
	return c.meter.Latency(bounds)
}
