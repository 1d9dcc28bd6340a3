package load

import (
	"fmt"
	"math"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"pgregory.net/rapid"
)

const roomy = 1 << 30

func dialAt(rate float64) *Dial {
	d := NewDial(workshop.Load{Rate: rate, Keys: workshop.KeysNull, FixedKeys: 4, HotShare: 0.8})
	d.Due(noon, roomy)
	return d
}

// TestAnySecondIsExact hands out at ticks that are late by up to 3 ms, as on a busy machine, and
// judges every second between any two ticks.
func TestAnySecondIsExact(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			d, rng := dialAt(rate), testRand()
			var at []time.Duration
			var n []int
			total := 0
			for now := time.Duration(0); now < 10*time.Second; {
				now += 2*time.Millisecond + time.Duration(rng.IntN(3_000_000))
				o := d.Due(noon.Add(now), roomy)
				if o.Dropped != 0 {
					t.Fatalf("%d dropped", o.Dropped)
				}
				total += o.Records
				at, n = append(at, now), append(n, total)
			}
			end := at[len(at)-1].Seconds()
			if math.Abs(float64(total)-rate*end) > 1 {
				t.Errorf("%d records in %.3f s", total, end)
			}
			for i, j := 0, 0; j < len(at); j++ {
				for at[j]-at[i] > time.Second {
					i++
				}
				want := rate * (at[j] - at[i]).Seconds()
				if got := float64(n[j] - n[i]); math.Abs(got-want) > max(1, want*0.001) {
					t.Fatalf("%v to %v: %v records, want %v", at[i], at[j], got, want)
				}
			}
		})
	}
}

// TestNothingIsLostOrMadeUp checks that, for any ticks, rates and pauses, the records handed out are the integral of
// the rate, to one record.
func TestNothingIsLostOrMadeUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0, 1e5).Draw(t, "rate")
		d, now, want, got, paused := dialAt(rate), noon, 0.0, 0, false
		for range rapid.IntRange(1, 200).Draw(t, "ticks") {
			step := time.Duration(rapid.Int64Range(1, int64(CatchUp)).Draw(t, "step"))
			now = now.Add(step)
			if !paused {
				want += rate * step.Seconds()
			}
			got += d.Due(now, roomy).Records
			switch rapid.IntRange(0, 9).Draw(t, "turn") {
			case 0:
				rate = rapid.Float64Range(0, 1e5).Draw(t, "rate")
				if err := d.Set(now, workshop.LoadPatch{Rate: &rate}); err != nil {
					t.Fatal(err)
				}
			case 1:
				paused = !paused
				if err := d.Set(now, workshop.LoadPatch{Paused: &paused}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if math.Abs(float64(got)-want) > 1.001 {
			t.Fatalf("%d records, want %.3f", got, want)
		}
	})
}

func TestNoBurstAfterAGap(t *testing.T) {
	for _, rate := range []float64{0.5, 10, 1_000, 1_000_000} {
		for what, gap := range map[string]func(*Dial) time.Time{
			"a sleep": func(*Dial) time.Time { return noon.Add(time.Hour) },
			"a pause": func(d *Dial) time.Time {
				on, off := true, false
				_ = d.Set(noon, workshop.LoadPatch{Paused: &on})
				for now := noon; now.Before(noon.Add(time.Minute)); now = now.Add(10 * time.Millisecond) {
					d.Due(now, roomy)
				}
				_ = d.Set(noon.Add(time.Minute), workshop.LoadPatch{Paused: &off})
				return noon.Add(time.Minute)
			},
			"no room": func(d *Dial) time.Time {
				now := noon
				for ; now.Before(noon.Add(time.Minute)); now = now.Add(10 * time.Millisecond) {
					if n := d.Due(now, 0).Records; n != 0 {
						t.Fatalf("%d records where there was no room", n)
					}
				}
				return now
			},
			"no lease": func(d *Dial) time.Time {
				now := noon
				for ; now.Before(noon.Add(time.Minute)); now = now.Add(10 * time.Millisecond) {
					d.DiscardDue(now)
				}
				return now
			},
			"a clock set back": func(*Dial) time.Time { return noon.Add(-time.Hour) },
		} {
			d := dialAt(rate)
			if got, most := d.Due(gap(d), roomy).Records, int(max(1, rate*CatchUp.Seconds())); got > most {
				t.Errorf("%v/s after %s: %d records at once, want %d at most", rate, what, got, most)
			}
		}
	}
}

func TestDroppedIsWhatWasDueAndDidNotFit(t *testing.T) {
	d := dialAt(1000)
	records, dropped, now := 0, int64(0), noon
	for range 1000 { // 10 s with room for half
		now = now.Add(10 * time.Millisecond)
		o := d.Due(now, 5)
		records += o.Records
		dropped += o.Dropped
	}
	if records != 5000 || dropped < 4890 || dropped > 4910 {
		t.Errorf("%d handed out and %d dropped of 10000, of which 100 may be due still", records, dropped)
	}
}

func TestAChangeIsInForceAtTheNextTick(t *testing.T) {
	d := dialAt(1)
	fast := 10_000.0
	if err := d.Set(noon, workshop.LoadPatch{Rate: &fast}); err != nil {
		t.Fatal(err)
	}
	if n := d.Due(noon.Add(2*time.Millisecond), roomy).Records; n != 20 {
		t.Errorf("%d records in the first 2 ms, want 20", n)
	}
	slow := 1.0
	d.Due(noon.Add(100*time.Millisecond), 0) // 980 are due
	if err := d.Set(noon.Add(100*time.Millisecond), workshop.LoadPatch{Rate: &slow}); err != nil {
		t.Fatal(err)
	}
	if n := d.Due(noon.Add(102*time.Millisecond), roomy).Records; n > 1 {
		t.Errorf("%d records after the rate was lowered, want 1 at most", n)
	}
}

func TestRamp(t *testing.T) {
	for _, tt := range []struct {
		from, to float64
		over     time.Duration
	}{{0, 500, 30 * time.Second}, {500, 0, 10 * time.Second}, {10, 100_000, time.Second}, {1, 1, time.Minute}} {
		d := dialAt(tt.from)
		if err := d.StartRamp(noon, ramp(tt.to, tt.over)); err != nil {
			t.Fatal(err)
		}
		total, now := 0, noon
		for now.Before(noon.Add(tt.over)) {
			now = now.Add(7 * time.Millisecond)
			total += d.Due(now, roomy).Records
			if s := d.Now(now); now.Before(noon.Add(tt.over)) {
				part := now.Sub(noon).Seconds() / tt.over.Seconds()
				if want := tt.from + (tt.to-tt.from)*part; math.Abs(s.Rate-want) > 0.01 || s.Ramp == nil || s.Ramp.To != tt.to {
					t.Fatalf("%v to %v, after %v: rate %v, want %v", tt.from, tt.to, now.Sub(noon), s.Rate, want)
				}
			}
		}
		want := (tt.from+tt.to)/2*tt.over.Seconds() + tt.to*now.Sub(noon.Add(tt.over)).Seconds()
		if math.Abs(float64(total)-want) > 1.01 {
			t.Errorf("%v to %v: %d records, want %.1f", tt.from, tt.to, total, want)
		}
		if s := d.Now(now); s.Rate != tt.to || s.Ramp != nil {
			t.Errorf("%v to %v: ends at %+v", tt.from, tt.to, s)
		}
	}
}

func TestARateEndsARampAndAKeyModeDoesNot(t *testing.T) {
	d := dialAt(10)
	_ = d.StartRamp(noon, ramp(100, time.Minute))
	user := workshop.KeysUser
	if err := d.Set(noon.Add(time.Second), workshop.LoadPatch{Keys: &user}); err != nil || d.Now(noon.Add(time.Second)).Ramp == nil {
		t.Errorf("%v; the ramp has ended", err)
	}
	rate := 5.0
	if err := d.Set(noon.Add(2*time.Second), workshop.LoadPatch{Rate: &rate}); err != nil || d.Now(noon.Add(3*time.Second)).Rate != 5 {
		t.Errorf("%v; the ramp goes on", err)
	}
}

func TestBurstComesOnTop(t *testing.T) {
	for _, paused := range []bool{false, true} {
		d := dialAt(100)
		_ = d.Set(noon, workshop.LoadPatch{Paused: &paused})
		if err := d.Burst(burst(10_000)); err != nil {
			t.Fatal(err)
		}
		total, now := 0, noon
		for range 1000 {
			now = now.Add(10 * time.Millisecond)
			total += d.Due(now, 50).Records // room for 5000/s
		}
		want := 10_000 + 1000
		if paused {
			want = 10_000
		}
		if total != want {
			t.Errorf("paused %v: %d records in 10 s, want %d", paused, total, want)
		}
		if left := d.Now(now).Burst; left != 0 {
			t.Errorf("%d left", left)
		}
	}
}

func TestWrongFieldsChangeNothing(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	n := func(v int) *int { return &v }
	s := func(v string) *string { return &v }
	for _, tt := range []struct {
		field string
		patch workshop.LoadPatch
	}{
		{"rate", workshop.LoadPatch{Rate: f(-1)}}, {"rate", workshop.LoadPatch{Rate: f(1_000_001)}}, {"rate", workshop.LoadPatch{Rate: f(math.NaN())}},
		{"rate", workshop.LoadPatch{Rate: f(math.Inf(1))}}, {"keys", workshop.LoadPatch{Keys: s("fair")}}, {"fixed_keys", workshop.LoadPatch{FixedKeys: n(0)}},
		{"fixed_keys", workshop.LoadPatch{FixedKeys: n(1 << 40)}}, {"hot_share", workshop.LoadPatch{HotShare: f(1.1)}},
		{"hot_share", workshop.LoadPatch{Rate: f(5), HotShare: f(math.NaN())}},
	} {
		d := dialAt(10)
		before := d.Now(noon).Load
		err := d.Set(noon, tt.patch)
		if fault, ok := err.(workshop.FieldError); !ok || fault.Field != tt.field { //nolint:errorlint // never wrapped
			t.Errorf("%s: %v", tt.field, err)
		}
		if after := d.Now(noon).Load; after != before {
			t.Errorf("%s: changed to %+v", tt.field, after)
		}
		if err := d.Restore(noon, tt.patch.Apply(before)); err == nil {
			t.Errorf("%s: restored", tt.field)
		}
	}
	d := dialAt(10)
	for field, err := range map[string]error{
		"to": d.StartRamp(noon, ramp(-1, time.Second)), "seconds": d.StartRamp(noon, ramp(1, time.Millisecond)), "records": d.Burst(burst(0)),
	} {
		if fault, ok := err.(workshop.FieldError); !ok || fault.Field != field { //nolint:errorlint // never wrapped
			t.Errorf("%s: %v", field, err)
		}
	}
	_ = d.Burst(burst(workshop.MaxBurst))
	if d.Burst(burst(1)) == nil {
		t.Error("bursts without end")
	}
}

func ramp(to float64, over time.Duration) workshop.Ramp {
	seconds := over.Seconds()
	return workshop.Ramp{To: &to, Seconds: &seconds}
}

func burst(records int) workshop.Burst { return workshop.Burst{Records: &records} }
