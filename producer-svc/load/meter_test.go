package load

import (
	"math"
	"testing"
	"time"
)

func TestMeterTellsRatesAtAnySpeed(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 10, 1000} {
		m, acked := &Meter{}, 0.0
		m.SetPartitions(3)
		now := noon
		for range 1000 { // 100 s
			now = now.Add(SampleEvery)
			for acked+1 <= rate*now.Sub(noon).Seconds() {
				m.Acked(int32(int(acked)%2), 100, time.Millisecond)
				acked++
			}
			m.Sample(now)
		}
		r := m.Read(now, rate, noon)
		if math.Abs(r.Achieved-rate) > max(0.11, rate*0.11) {
			t.Errorf("%v/s reads as %v", rate, r.Achieved)
		}
		if len(r.Rates) != 3 || r.Rates[2] != 0 || math.Abs(r.Rates[0]+r.Rates[1]-r.Achieved) > 0.01 {
			t.Errorf("%v/s: partitions at %v", rate, r.Rates)
		}
		if r.Bytes != r.Produced*100 {
			t.Errorf("%d bytes in %d records", r.Bytes, r.Produced)
		}
	}
}

func TestMeterForgetsTheRateBeforeAChange(t *testing.T) {
	m, now := &Meter{}, noon
	for range 100 {
		now = now.Add(SampleEvery)
		for range 100 {
			m.Acked(0, 1, time.Millisecond)
		}
		m.Sample(now)
	}
	changed := now
	for range 10 {
		now = now.Add(SampleEvery)
		m.Sample(now)
	}
	if got := m.Read(now, 0.5, changed).Achieved; got != 0 {
		t.Errorf("a second after the rate fell it reads as %v", got)
	}
}

func TestLatencies(t *testing.T) {
	var l, none latencies
	for ms := range 1000 {
		l.add(time.Duration(ms) * time.Millisecond)
	}
	for _, tt := range []struct {
		share float64
		want  time.Duration
	}{{0.5, 500 * time.Millisecond}, {0.99, 990 * time.Millisecond}, {0, 0}} {
		got := l.quantile(&none, tt.share)
		if diff := (got - tt.want).Abs(); diff > tt.want/7+10*time.Microsecond {
			t.Errorf("%v of them within %v, want %v", tt.share, got, tt.want)
		}
	}
	if got := l.quantile(&l, 0.5); got != 0 {
		t.Errorf("of none: %v", got)
	}
	for d := time.Duration(1); d < 3*time.Minute; d = d*9/8 + 1 {
		i := bucketOf(d)
		if i < buckets-1 && (d >= bucketEnd(i) || i > 0 && d < bucketEnd(i-1)) {
			t.Fatalf("%v falls into bucket %d, which is %v to %v", d, i, bucketEnd(i-1), bucketEnd(i))
		}
	}
}

func TestLatencyHistogramIsCumulative(t *testing.T) {
	m := &Meter{}
	for _, d := range []time.Duration{time.Millisecond, 3 * time.Millisecond, time.Second} {
		m.Acked(0, 1, d)
	}
	within, count, sum := m.Latency([]time.Duration{2 * time.Millisecond, 10 * time.Millisecond, 10 * time.Second})
	if within[0] != 1 || within[1] != 2 || within[2] != 3 || count != 3 || sum < time.Second || sum > 1200*time.Millisecond {
		t.Errorf("%v, %d, %v", within, count, sum)
	}
}
