package load

import (
	"math/bits"
	"time"
)

// Latencies are counted in buckets an eighth of an octave wide, from 8 µs to 2 minutes.
const (
	bucketBits  = 3
	bucketShift = 13 // durations below 2^13 ns share the first buckets
	buckets     = (37 - bucketShift + 1) << bucketBits
)

// latencies is a histogram of acknowledgement times. Adding to it takes nanoseconds.
type latencies [buckets]int64

func bucketOf(d time.Duration) int {
	n := uint64(max(d, 0)) >> (bucketShift - bucketBits)
	if n < 1<<bucketBits {
		return int(n)
	}

	exp := bits.Len64(n) - bucketBits - 1
	return min(exp<<bucketBits+int(n>>exp), buckets-1)
}

// bucketEnd returns the exclusive upper bound of a bucket.
func bucketEnd(i int) time.Duration {
	i++
	if i < 2<<bucketBits {
		return time.Duration(i) << (bucketShift - bucketBits)
	}

	exp := i>>bucketBits - 1
	return time.Duration(i&(1<<bucketBits-1)|1<<bucketBits) << (exp + bucketShift - bucketBits)
}

func (l *latencies) add(d time.Duration) { l[bucketOf(d)]++ }

// quantile returns the upper bound of a share of the durations added since an earlier copy.
func (l *latencies) quantile(since *latencies, share float64) time.Duration {
	total := int64(0)
	for i := range l {
		total += l[i] - since[i]
	}

	left := int64(share * float64(total))
	for i := range l {
		n := l[i] - since[i]
		if n > 0 && left < n {
			return bucketEnd(i)
		}
		left -= n
	}
	return 0
}
