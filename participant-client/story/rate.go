package story

import "time"

// A meter measures how fast a counter has grown over the last few seconds.
type meter struct {
	at    []time.Time
	value []int64
}

const meterSpan = 4 * time.Second

// add adds the counter's value and returns its growth per second. A counter that went back starts the measurement again.
func (m *meter) add(now time.Time, value int64) float64 {
	if n := len(m.value); n > 0 && value < m.value[n-1] {
		m.at = m.at[:0]
		m.value = m.value[:0]
	}
	if n := len(m.at); n == 0 || now.Sub(m.at[n-1]) >= 90*time.Millisecond {
		m.at = append(m.at, now)
		m.value = append(m.value, value)
	}
	for len(m.at) > 2 && now.Sub(m.at[0]) > meterSpan {
		m.at = m.at[1:]
		m.value = m.value[1:]
	}
	if span := now.Sub(m.at[0]).Seconds(); span > 0.5 {
		return float64(value-m.value[0]) / span
	}
	return 0
}
