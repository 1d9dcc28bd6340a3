package referee

import (
	"errors"
	"testing"
	"time"
)

// The readiness of a holder, depending on its state and on both clocks.
func TestReadinessByTheClock(t *testing.T) {
	start := time.Now()
	wall := start.Round(0) // without a monotonic part, as after a machine's sleep
	another := errors.New("b holds the lock")
	away := errors.New("away")

	for name, c := range map[string]struct {
		happens func(*readiness)
		at      time.Time
		want    error
	}{
		"a good look":                 {func(*readiness) {}, start.Add(time.Second), nil},
		"looks that have no answer":   {func(r *readiness) { r.recordBeat(start.Add(2 * time.Second)) }, start.Add(2600 * time.Millisecond), errInDoubt},
		"a stopped process":           {func(*readiness) {}, start.Add(10 * time.Second), errInDoubt},
		"a machine that slept":        {func(*readiness) {}, wall.Add(10 * time.Second), errInDoubt},
		"a beat behind the sleep":     {func(r *readiness) { r.recordBeat(start.Add(9 * time.Second)); r.confirmed = start.Add(9 * time.Second) }, start.Add(9 * time.Second), errInDoubt},
		"a look behind the sleep":     {func(r *readiness) { r.recordBeat(start.Add(9 * time.Second)); r.confirm(start.Add(9 * time.Second)) }, start.Add(9 * time.Second), nil},
		"another holder":              {func(r *readiness) { r.standBy(another, "") }, start, another},
		"Postgres away":               {func(r *readiness) { r.lose(away, start); r.recordBeat(start.Add(time.Second)) }, start.Add(2900 * time.Millisecond), nil},
		"stopped while it is away":    {func(r *readiness) { r.lose(away, start) }, start.Add(3 * time.Second), errInDoubt},
		"lost behind the sleep":       {func(r *readiness) { r.lose(away, start.Add(9*time.Second)) }, start.Add(9 * time.Second), away},
		"led again behind the sleep":  {func(r *readiness) { r.standBy(another, ""); r.confirm(start); r.lead() }, start, nil},
		"away behind another's reign": {func(r *readiness) { r.standBy(another, ""); r.lose(away, start) }, start, away},
	} {
		r := &readiness{err: errors.New("starting")}
		r.recordBeat(start)
		r.confirm(start)
		r.lead()
		c.happens(r)
		if got := r.check(c.at); !errors.Is(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
