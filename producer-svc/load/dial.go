package load

import (
	"fmt"
	"math"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
)

// CatchUp limits how late a record may be sent. Records that are due for longer are dropped, so that
// no burst follows a pause, a suspended laptop or an outage of the broker.
const CatchUp = 100 * time.Millisecond

// A Ramp moves the rate from one value to another, linearly.
type Ramp struct {
	From, To   float64
	Start, End time.Time
}

// at returns the rate at now: From before the ramp, To after it.
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

// A Dial holds the load that is set, and counts the records due under it. It is safe for concurrent
// use. It reads no clock: callers pass the time in.
type Dial struct {
	mu      sync.Mutex // guards the fields below
	load    workshop.Load
	ramp    *Ramp     // nil for none in progress
	due     float64   // records of the rate that are due at last and not handed out
	last    time.Time // when due was last updated
	burst   int       // records of bursts that are not handed out
	changed time.Time // when the rate last changed, or a ramp began or ended
}

// NewDial returns a Dial set to a load.
func NewDial(l workshop.Load) *Dial { return &Dial{load: l} }

// advance adds the records that have come due since the last call. Every change calls it first, so
// that the time before is counted under the load before.
func (d *Dial) advance(now time.Time) {
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
		d.due += d.records(from, now)
	}

	if d.ramp != nil {
		d.load.Rate = d.ramp.at(now)
		if !now.Before(d.ramp.End) {
			d.ramp = nil
			d.changed = now
		}
	}
}

// records integrates the rate between two times.
func (d *Dial) records(from, to time.Time) float64 {
	if d.ramp == nil {
		return d.load.Rate * to.Sub(from).Seconds()
	}

	// The rate is linear between these edges, so the trapezoids are exact.
	sum := 0.0
	at := from
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

// An Order is the number of records to send now, and the load to make them under.
type Order struct {
	Records int
	Dropped int64 // records that were due for longer than CatchUp
	Load    workshop.Load
}

// Due hands out the records to send now, at most room.
func (d *Dial) Due(now time.Time, room int) Order {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(now)

	o := Order{Load: d.load}
	if late := math.Floor(d.due - maxDue(d.load)); late >= 1 {
		d.due -= late
		o.Dropped = int64(late)
	}
	n := min(int(d.due), max(room, 0))
	d.due -= float64(n)

	// A burst takes at most half of the remaining room, so that the rate continues beneath it.
	b := max(0, min(d.burst, (room-n+1)/2))
	d.burst -= b
	o.Records = n + b
	return o
}

// maxDue returns how many records may be due: those of CatchUp, and at least one, for rates below 10.
func maxDue(l workshop.Load) float64 { return max(1, l.Rate*CatchUp.Seconds()) }

// DiscardDue discards the records that are due, while none can be sent, and returns their number.
func (d *Dial) DiscardDue(now time.Time) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(now)

	n := math.Floor(d.due)
	d.due -= n
	return int64(n)
}

// Set changes the load. It returns a workshop.FieldError and changes nothing if a field is out of bounds.
// Setting the rate ends a ramp.
func (d *Dial) Set(now time.Time, p workshop.LoadPatch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(now)

	next := p.Apply(d.load)
	if err := next.Validate(); err != nil {
		return err
	}
	if p.Rate != nil {
		d.ramp = nil
	}
	d.replace(now, next)
	return nil
}

// replace sets the load, and drops records due under a higher rate than the new one's.
func (d *Dial) replace(now time.Time, next workshop.Load) {
	if next.Rate != d.load.Rate || next.Paused != d.load.Paused {
		d.changed = now
	}

	if next.Paused {
		d.due = min(d.due, 1)
	}
	d.due = min(d.due, maxDue(next))
	d.load = next
}

// Restore sets a stored load. It ends a ramp and bursts.
func (d *Dial) Restore(now time.Time, l workshop.Load) error {
	if err := l.Validate(); err != nil {
		return err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(now)
	d.ramp = nil
	d.burst = 0
	d.replace(now, l)
	return nil
}

// StartRamp begins a ramp. It returns a FieldError and changes nothing if a field is out of bounds.
func (d *Dial) StartRamp(now time.Time, r workshop.Ramp) error {
	if err := r.Validate(); err != nil {
		return err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(now)
	d.ramp = &Ramp{From: d.load.Rate, To: *r.To, Start: now, End: now.Add(r.Duration())}
	d.changed = now
	return nil
}

// Burst adds records on top of the rate. They are sent even while paused.
func (d *Dial) Burst(b workshop.Burst) error {
	if err := b.Validate(); err != nil {
		return err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if *b.Records > workshop.MaxBurst-d.burst {
		return workshop.FieldError{Field: "records", Reason: fmt.Sprintf("give 1 to %d: %d are still to be sent", workshop.MaxBurst-d.burst, d.burst)}
	}
	d.burst += *b.Records
	return nil
}

// Rate returns the rate as of the last update, in records per second.
func (d *Dial) Rate() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.load.Rate
}

// A Setting is the state of a Dial.
type Setting struct {
	workshop.Load
	Ramp    *Ramp     // nil for none in progress
	Burst   int       // records of bursts that are not sent yet
	Changed time.Time // when the rate last changed, or a ramp began or ended
}

// Now returns the setting at now. It does not count due records.
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
