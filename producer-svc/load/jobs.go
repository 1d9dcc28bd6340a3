package load

import (
	"strconv"
	"time"
)

var jobKinds = []string{"resize_image", "send_invoice", "build_report", "sync_stock", "render_video", "import_orders"}

// Jobs take 600 ms on average, so that at the lesson's 5/s two workers, one for each partition, fall behind and three
// do not.
const (
	leastWork = 200  // ms
	mostWork  = 1000 // ms
	poisonOne = 50   // one in this many jobs cannot be done
)

// jobs makes work for a queue. Jobs have no user, so their number is used instead.
type jobs struct {
	start string // makes ids unique across restarts
	rng   *rng
	count uint64
	key   []byte
}

func (j *jobs) User() []byte {
	j.key = strconv.AppendUint(j.key[:0], j.count, 10)
	return j.key
}

func (j *jobs) Append(b []byte, _ time.Time) []byte {
	j.count++
	b = append(b, `{"id":"`...)
	b = append(b, j.start...)
	b = append(b, '-')
	b = strconv.AppendUint(b, j.count, 10)
	b = append(b, `","kind":"`...)
	b = append(b, j.rng.pick(jobKinds)...)
	b = append(b, `","work_ms":`...)
	b = strconv.AppendInt(b, int64(leastWork+10*j.rng.IntN((mostWork-leastWork)/10+1)), 10)
	b = append(b, `,"poison":`...)
	b = strconv.AppendBool(b, j.rng.IntN(poisonOne) == 0)
	return append(b, '}')
}
