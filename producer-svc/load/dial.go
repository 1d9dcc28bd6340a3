package load

import (
	"fmt"
	"math"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
)

// CatchUp is the most time whose records are made good after a delay. What is older is let go, so
// that a pause, a sleep of the laptop or a broker that was away is never followed by a burst.
const CatchUp = 100 * time.Millisecond

// A Ramp leads from one rate to another, in a straight line.
type Ramp struct {
	From, To   float64
	Start, End time.Time
}

// at is the rate of the ramp at a moment; before it From, after it To.
func (r Ramp) at(now time.Time) float64 {
	switch {
	case !now.After(r.Start):
		return r.From
	case !now.Before(r.End):
		return r.To
	}
	part := float64(now.Sub(r.Start)) / float64(r.End.Sub(r.Start))
	return r.From + (r.To-r.From)*part
}

// A Dial is what the instructor turns: the load that is set, and the account of records that are
// due under it. It is safe for concurrent use, and knows of time only what it is told.
type Dial struct {
	mu      sync.Mutex
	load    workshop.Load
	ramp    *Ramp
	account float64 // records due and not handed out yet
	last    time.Time
	burst   int // records of bursts not handed out yet
	changed time.Time
}

// NewDial starts with a load.
func NewDial(l workshop.Load) *Dial { return &Dial{load: l} }

// settle brings the account up to now under what was set until now.
func (d *Dial) settle(now time.Time) {
	from := d.last
	if d.last.IsZero() {
		from = now
	}
	if now.Before(from) {
		return
	}
	if now.Sub(from) > CatchUp {
		from = now.Add(-CatchUp)
	}
	d.last = now
	if !d.load.Paused {
		d.account += d.records(from, now)
	}
	if d.ramp != nil {
		d.load.Rate = d.ramp.at(now)
		if !now.Before(d.ramp.End) {
			d.ramp, d.changed = nil, now
		}
	}
}

// records is the integral of the rate: how many records the time from one moment to another is worth.
func (d *Dial) records(from, to time.Time) float64 {
	if d.ramp == nil {
		return d.load.Rate * to.Sub(from).Seconds()
	}
	sum, at := 0.0, from
	for _, edge := range []time.Time{d.ramp.Start, d.ramp.End, to} {
		if edge.After(to) {
			edge = to
		}
		if edge.After(at) {
			sum += (d.ramp.at(at) + d.ramp.at(edge)) / 2 * edge.Sub(at).Seconds()
			at = edge
		}
	}
	return sum
}

// An Order says what to hand over now.
type Order struct {
	Records int
	Dropped int64 // that were due and are let go, because there was no room for them in time
	Load    workshop.Load
}

// Due is what to hand over now, where there is room for so many records.
func (d *Dial) Due(now time.Time, room int) Order {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(now)
	o := Order{Load: d.load}
	if over := math.Floor(d.account - max(1, d.load.Rate*CatchUp.Seconds())); over >= 1 {
		d.account -= over
		o.Dropped = int64(over)
	}
	n := min(int(d.account), max(room, 0))
	d.account -= float64(n)
	// A burst takes at most half of the room, so that the rate goes on below it.
	b := max(0, min(d.burst, (room-n+1)/2))
	d.burst -= b
	o.Records = n + b
	return o
}

// DiscardDue lets go of everything that is due, for the moments when nothing may be handed over, and says
// how many records that were.
func (d *Dial) DiscardDue(now time.Time) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(now)
	n := math.Floor(d.account)
	d.account -= n
	return int64(n)
}

// Set changes the load, or names the field at fault and changes nothing. A rate ends a ramp.
func (d *Dial) Set(now time.Time, p Patch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(now)
	next := p.On(d.load)
	if err := Check(next); err != nil {
		return err
	}
	if p.Rate != nil {
		d.ramp = nil
	}
	d.replace(now, next)
	return nil
}

// replace puts another load in force; what was due under a higher rate does not outlive it.
func (d *Dial) replace(now time.Time, next workshop.Load) {
	if next.Rate != d.load.Rate || next.Paused != d.load.Paused {
		d.changed = now
	}
	if next.Paused {
		d.account = min(d.account, 1)
	}
	d.account = min(d.account, max(1, next.Rate*CatchUp.Seconds()))
	d.load = next
}

// Restore puts the load in force that was kept; ramps and bursts end.
func (d *Dial) Restore(now time.Time, l workshop.Load) error {
	if err := Check(l); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(now)
	d.ramp, d.burst = nil, 0
	d.replace(now, l)
	return nil
}

// StartRamp leads the rate to another one over a time, 100 ms to an hour.
func (d *Dial) StartRamp(now time.Time, to float64, over time.Duration) error {
	if err := checkRate("to", to); err != nil {
		return err
	}
	if over < CatchUp || over > MaxRamp {
		return FieldError{"seconds", fmt.Sprintf("give 0.1 to %.0f", MaxRamp.Seconds())}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(now)
	d.ramp = &Ramp{From: d.load.Rate, To: to, Start: now, End: now.Add(over)}
	d.changed = now
	return nil
}

// Burst puts records on top of the rate, paused or not.
func (d *Dial) Burst(records int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if records < 1 || records > MaxBurst-d.burst {
		return FieldError{"records", fmt.Sprintf("give 1 to %d, together with the %d that still wait", MaxBurst-d.burst, d.burst)}
	}
	d.burst += records
	return nil
}

// Rate is the rate that was last in force, in records per second.
func (d *Dial) Rate() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.load.Rate
}

// Setting is what the dial says at a moment.
type Setting struct {
	workshop.Load
	Ramp    *Ramp
	Burst   int       // records of bursts that still wait
	Changed time.Time // when the rate was last set, the last ramp began or ended
}

// Now is what the dial says. Looking changes nothing: the account is for who hands records over.
func (d *Dial) Now(now time.Time) Setting {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Setting{Load: d.load, Burst: d.burst, Changed: d.changed}
	if d.ramp == nil {
		return s
	}
	s.Rate = d.ramp.at(now)
	if r := *d.ramp; now.Before(r.End) {
		s.Ramp = &r
	} else {
		s.Changed = r.End
	}
	return s
}
