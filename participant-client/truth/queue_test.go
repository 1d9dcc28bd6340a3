package truth

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/worker"

	"github.com/twmb/franz-go/pkg/kgo"
)

// jobsOf returns n jobs that take this long.
func jobsOf(n int, work time.Duration) []workshop.Job {
	return slices.Repeat([]workshop.Job{{WorkMS: int(work.Milliseconds())}}, n)
}

// Workers share partitions, reject poison and what the user rejects, give back, crash and leave: everything that they
// say about it is true.
func TestWhatWorkersSayIsTrue(t *testing.T) {
	t.Parallel()
	r := newQueueRun(t, 2)
	ann := r.join("ann", 2, func(c *worker.Config) { c.Lock = time.Minute })
	bob := r.join("bob", 1, nil)
	r.add(jobsOf(20, 150*time.Millisecond)...)
	r.add(workshop.Job{WorkMS: 10, Poison: true})
	r.empty()
	r.add(jobsOf(12, 2*time.Second)...)
	r.press(ann, 1, worker.Released)
	r.press(ann, 2, worker.Rejected)
	r.working(bob, 1)
	r.crash(bob, 1)
	r.heard(ann, "bob's records", func(e worker.Event) bool { return e.Kind == worker.Redelivered })
	r.empty()

	r.add(workshop.Job{WorkMS: 20_000})
	r.heard(ann, "a renewed lock", func(e worker.Event) bool { return e.Kind == worker.Renewed })
	r.empty()
	r.add(jobsOf(4, time.Minute)...)
	r.working(ann, 1)
	r.quit(bob)
	r.quit(ann)
	r.judge(worker.Acquired, worker.Redelivered, worker.Accepted, worker.Rejected, worker.Released, worker.Renewed, worker.LockDiffers,
		worker.Lesson, worker.Member, worker.Closed)
}

// A poison job that is given back is delivered again until the broker gives it up, and so is one that kills its worker.
func TestWhatWorkersSayOfPoisonIsTrue(t *testing.T) {
	for _, onPoison := range []string{worker.Release, worker.Crash} {
		t.Run(onPoison, func(t *testing.T) {
			t.Parallel()
			r := newQueueRun(t, 1)
			ann := r.join("ann", 1, func(c *worker.Config) { c.OnPoison = onPoison })
			r.add(workshop.Job{WorkMS: 10, Poison: true})
			r.empty()
			r.add(jobsOf(2, 10*time.Millisecond)...)
			r.empty()
			r.quit(ann)
			r.judge(worker.Acquired, worker.Redelivered, worker.Accepted, worker.Lesson, worker.Closed)
		})
	}
}

// Records that a dead worker held are delivered again: soon in a partition that another worker has, and after the
// session timeout in one that only the dead worker had. The test logs how soon.
func TestRecordsOfADeadWorkerComeBack(t *testing.T) {
	for _, alone := range []bool{false, true} {
		t.Run(fmt.Sprintf("alone in its partition %v", alone), func(t *testing.T) {
			t.Parallel()
			r := newQueueRun(t, 2)
			r.join("ann", 1, nil)
			bob := r.join("bob", 1, nil)
			if !alone {
				r.join("carl", 1, nil) // shares one of the two partitions
			}
			var on int32
			r.waitFor("shared partitions", func(looks []queueLook) bool {
				if !settled(looks, 3*time.Second) {
					return false
				}
				var own []int32
				sharers := map[int32]int{}
				for client, assigned := range looks[len(looks)-1].members {
					for _, p := range assigned {
						sharers[p]++
					}
					if client == bob.crew.client(1) {
						own = assigned
					}
				}
				i := slices.IndexFunc(own, func(p int32) bool { return (sharers[p] == 1) == alone })
				if i >= 0 {
					on = own[i]
				}
				return i >= 0 && len(sharers) == 2
			})
			r.fill(on, bob)
			crashed := time.Now()
			r.crash(bob, 1)
			var back time.Time
			r.waitFor("what it held", func([]queueLook) bool {
				for _, w := range r.workers {
					for _, e := range w.said().said {
						if e.Kind == worker.Redelivered && e.Record.Partition == on && (back.IsZero() || e.At.Before(back)) {
							back = e.At
						}
					}
				}
				return !back.IsZero()
			})
			took := back.Sub(crashed)
			t.Logf("back %.1f s after the crash", took.Seconds())
			if alone && took < r.session-2*time.Second {
				t.Errorf("back after %v, before the session of %v was over", took, r.session)
			}
		})
	}
}

// settled reports whether the last looks showed the same assignments for this long: several heartbeats.
func settled(looks []queueLook, long time.Duration) bool {
	last := looks[len(looks)-1]
	for _, l := range slices.Backward(looks) {
		if fmt.Sprint(l.members) != fmt.Sprint(last.members) {
			return false
		}
		if last.began.Sub(l.began) > long {
			return true
		}
	}
	return false
}

// fill adds jobs to a partition, one at a time, until a process holds one of them.
func (r *queueRun) fill(partition int32, w *workers) {
	r.t.Helper()
	client := r.cluster.Client(r.t, kgo.DefaultProduceTopic(r.topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	holds := func() bool {
		return slices.ContainsFunc(w.said().said, func(e worker.Event) bool { return takes(e) && e.Record.Partition == partition })
	}
	r.waitFor("a record that it holds", func([]queueLook) bool {
		if holds() {
			return true
		}
		r.produced++
		value, err := json.Marshal(workshop.Job{ID: fmt.Sprintf("job-%d", r.produced), Kind: "resize_image", WorkMS: 2_000})
		if err == nil {
			err = client.ProduceSync(r.t.Context(), &kgo.Record{Partition: partition, Value: value}).FirstErr()
		}
		if err != nil {
			r.t.Error(err)
			return true
		}
		return false
	})
}
