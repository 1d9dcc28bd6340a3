package load

import (
	"slices"
	"sync"
	"time"
)

// How far a Meter looks back.
const (
	SampleEvery   = 100 * time.Millisecond
	maxSamples    = 300 // 30 s
	latencyWindow = 10 * time.Second
)

// A Meter counts records by outcome, and derives rates from samples of the counts. It is safe for
// concurrent use.
type Meter struct {
	mu      sync.Mutex // guards the fields below
	total   Totals
	latency latencies // since the start
	samples []sample  // the newest last
	marks   []mark    // copies of latency, one a second, the newest last
}

// Totals are counts since the start of the process.
type Totals struct {
	Produced   int64 // acknowledged
	Bytes      int64 // of their keys and values
	Errors     int64 // rejected
	Dropped    int64 // not sent in time, or sent with an unknown outcome
	Partitions []int64
	Error      string    // the last reason for a rejection
	ErrorAt    time.Time // when that happened
	LimitedAt  time.Time // when records were last dropped because the broker was too slow
}

type sample struct {
	at    time.Time
	total Totals
}

type mark struct {
	at      time.Time
	latency latencies
}

// Acked counts a record that the broker has acknowledged.
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

// Failed counts a record that was rejected.
func (m *Meter) Failed(now time.Time, reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Errors++
	m.total.Error, m.total.ErrorAt = reason, now
}

// Dropped counts records that were not sent or have an unknown outcome; limited marks the broker as the
// cause.
func (m *Meter) Dropped(now time.Time, n int64, limited bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Dropped += n
	if limited {
		m.total.LimitedAt = now
	}
}

// SetPartitions sets the number of partitions, so that those without records are listed, too.
func (m *Meter) SetPartitions(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.total.Partitions) < n {
		m.total.Partitions = append(m.total.Partitions, 0)
	}
}

// Sample stores the current counts. Call it every SampleEvery.
func (m *Meter) Sample(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()

	if len(m.samples) == maxSamples {
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

// Totals returns the current counts.
func (m *Meter) Totals() Totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.copyTotals()
}

// A Reading is a Meter's counts and rates at one time.
type Reading struct {
	Totals
	Achieved float64       // acknowledged records per second
	Rates    []float64     // the same by partition
	P50, P99 time.Duration // acknowledgement times of the last latencyWindow
	Limited  bool          // the broker was too slow within the last second
}

// Read returns the counts, and the rates over the last second but not before since. Below 20 records
// per second it averages over the time of 20 records, up to 20 seconds: otherwise one record in two
// seconds would alternate between rates of 0 and 1.
func (m *Meter) Read(now time.Time, target float64, since time.Time) Reading {
	m.mu.Lock()
	defer m.mu.Unlock()

	r := Reading{Totals: m.copyTotals(), Limited: now.Sub(m.total.LimitedAt) < time.Second}
	span := min(20*time.Second, time.Duration(max(1, 20/max(target, 0.001))*float64(time.Second)))
	if t := now.Add(-span); t.After(since) {
		since = t
	}

	from := m.sampleSince(since)
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

// sampleSince returns the first sample at or after t, else the newest.
func (m *Meter) sampleSince(t time.Time) sample {
	if len(m.samples) == 0 {
		return sample{}
	}

	i, _ := slices.BinarySearchFunc(m.samples, t, func(s sample, t time.Time) int { return s.at.Compare(t) })
	return m.samples[min(i, len(m.samples)-1)]
}

// Latency returns the histogram of acknowledgement times since the start: the cumulative count for each
// of the ascending bounds, the total count and the sum.
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
