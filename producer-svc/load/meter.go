package load

import (
	"slices"
	"sync"
	"time"
)

// How a Meter looks back.
const (
	SampleEvery   = 100 * time.Millisecond
	keepSamples   = 300 // 30 s
	latencyWindow = 10 * time.Second
)

// A Meter counts what became of the records, and tells rates from samples of the counts.
type Meter struct {
	mu      sync.Mutex
	total   Totals
	latency latencies
	samples []sample // the newest last
	marks   []mark   // one a second, the newest last
}

// Totals are counts since the start of the process.
type Totals struct {
	Produced   int64 // acknowledged
	Bytes      int64 // of their keys and values
	Errors     int64 // refused
	Dropped    int64 // not handed over in time, or handed over and not known to have arrived
	Partitions []int64
	Error      string    // the last refusal
	ErrorAt    time.Time // when it came
	LimitedAt  time.Time // when records were last dropped because the broker did not take them
}

type sample struct {
	at    time.Time
	total Totals
}

type mark struct {
	at      time.Time
	latency latencies
}

// Acked counts a record that the broker has.
func (m *Meter) Acked(partition int32, bytes int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Produced++
	m.total.Bytes += int64(bytes)
	for int(partition) >= len(m.total.Partitions) {
		m.total.Partitions = append(m.total.Partitions, 0)
	}
	m.total.Partitions[partition]++
	m.latency.add(took)
}

// Failed counts a record that was refused.
func (m *Meter) Failed(now time.Time, reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Errors++
	m.total.Error, m.total.ErrorAt = reason, now
}

// Dropped counts records that were let go, because the broker did not take them if limited is set.
func (m *Meter) Dropped(now time.Time, n int64, limited bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Dropped += n
	if limited {
		m.total.LimitedAt = now
	}
}

// SetPartitions says how many partitions there are, so that one without records is counted as well.
func (m *Meter) SetPartitions(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.total.Partitions) < n {
		m.total.Partitions = append(m.total.Partitions, 0)
	}
}

// Sample keeps the counts as they are now, to tell rates from. Call it each SampleEvery.
func (m *Meter) Sample(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.samples) == keepSamples {
		m.samples = slices.Delete(m.samples, 0, 1)
	}
	m.samples = append(m.samples, sample{now, m.copyTotals()})
	if n := len(m.marks); n == 0 || now.Sub(m.marks[n-1].at) >= time.Second {
		if n > int(latencyWindow/time.Second) {
			m.marks = slices.Delete(m.marks, 0, 1)
		}
		m.marks = append(m.marks, mark{now, m.latency})
	}
}

func (m *Meter) copyTotals() Totals {
	t := m.total
	t.Partitions = slices.Clone(t.Partitions)
	return t
}

// Totals are the counts as they are.
func (m *Meter) Totals() Totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.copyTotals()
}

// A Reading is what a Meter shows at a moment.
type Reading struct {
	Totals
	Achieved float64   // records per second
	Rates    []float64 // by partition
	P50, P99 time.Duration
	Limited  bool
}

// Read tells the rates since a moment, or over the last second where that is longer ago; the
// slower the target, the further it looks back, up to 20 seconds, for one record in two seconds is
// no rate of 0 and 1 by turns.
func (m *Meter) Read(now time.Time, target float64, since time.Time) Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Reading{Totals: m.copyTotals(), Limited: now.Sub(m.total.LimitedAt) < time.Second}
	span := min(20*time.Second, time.Duration(max(1, 20/max(target, 0.001))*float64(time.Second)))
	if t := now.Add(-span); t.After(since) {
		since = t
	}
	from := m.before(since)
	r.Rates = make([]float64, len(r.Partitions))
	if secs := now.Sub(from.at).Seconds(); !from.at.IsZero() && secs > 0 {
		r.Achieved = float64(r.Produced-from.total.Produced) / secs
		for i := range r.Rates {
			n := r.Partitions[i]
			if i < len(from.total.Partitions) {
				n -= from.total.Partitions[i]
			}
			r.Rates[i] = float64(n) / secs
		}
	}
	var old latencies
	if len(m.marks) > 0 {
		old = m.marks[0].latency
	}
	r.P50, r.P99 = m.latency.quantile(&old, 0.50), m.latency.quantile(&old, 0.99)
	return r
}

// before is the newest sample that is not younger than a moment, else the oldest there is.
func (m *Meter) before(t time.Time) sample {
	if len(m.samples) == 0 {
		return sample{}
	}
	i, _ := slices.BinarySearchFunc(m.samples, t, func(s sample, t time.Time) int { return s.at.Compare(t) })
	return m.samples[min(i, len(m.samples)-1)]
}

// Latency is the histogram of acknowledgement times since the start: for each bound in rising
// order how many were within it, and their number and sum.
func (m *Meter) Latency(bounds []time.Duration) (within []int64, count int64, sum time.Duration) {
	m.mu.Lock()
	l := m.latency
	m.mu.Unlock()
	within = make([]int64, len(bounds))
	for i, n := range l {
		count += n
		sum += time.Duration(n) * bucketEnd(i)
		for j, b := range bounds {
			if bucketEnd(i) <= b {
				within[j] += n
			}
		}
	}
	return within, count, sum
}
