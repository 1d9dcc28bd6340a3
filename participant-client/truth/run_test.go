package truth

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	classicSession = 6 * time.Second  // the least that Kafka allows
	serverSession  = 10 * time.Second // of KIP-848 groups, as the brokers of this project are set
	commitInterval = time.Second
	patience       = 90 * time.Second // for anything, on a loaded machine
)

// A run is one scenario with its own group and topic.
type run struct {
	t        *testing.T
	cluster  *kafkatest.Cluster
	admin    *kadm.Client
	group    string
	topic    string
	assignor string
	rate     float64 // records a second
	observer *observer
	writes   func() // starts a writer: another one for a topic created again, because a client stays with the old one

	participants []*participant
	facts
}

// newRun creates the topic, writes a few records to each partition, and begins to look and to write.
func newRun(t *testing.T, c *kafkatest.Cluster, name, assignor string, partitions int, rate float64) *run {
	t.Helper()
	r := &run{t: t, cluster: c, admin: c.Admin(t), group: string(c.Namespace) + name, assignor: assignor, rate: rate}
	r.topic = r.group + ".records"
	c.CreateTopic(t, r.topic, partitions, nil)
	r.observer = newObserver(c.Client(t), r.group, r.topic, assignor == member.Server)

	ctx, cancel := context.WithCancel(context.Background())
	var works sync.WaitGroup
	works.Go(func() { r.observer.run(ctx) })
	t.Cleanup(func() {
		cancel()
		works.Wait()
	})
	r.writes = func() { works.Go(func() { r.write(ctx) }) }
	r.writes()
	r.waitFor("a first look", func(h history) bool { return len(h.looks) > 0 }) // a new cluster has no coordinator yet
	return r
}

// session returns the session timeout that members are started with: KIP-848 leaves it to the broker.
func (r *run) session() time.Duration {
	if r.assignor == member.Server {
		return 0
	}
	return classicSession
}

// write writes records to the partitions in turn, at the run's rate. The first few are written at once, so that there
// is something to commit at any rate.
func (r *run) write(ctx context.Context) {
	client := r.cluster.Client(r.t, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)),
		kgo.DefaultProduceTopic(r.topic), kgo.UnknownTopicRetries(-1), kgo.MetadataMaxAge(5*time.Second), kgo.ProducerLinger(0))
	owed, last := 20.0, time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for ; owed >= 1; owed-- {
			client.Produce(ctx, kgo.StringRecord("a record"), nil) // one that is lost with a deleted topic does not matter
		}

		select {
		case <-ctx.Done():
		case now := <-tick.C:
			owed += r.rate * now.Sub(last).Seconds()
			last = now
		}
	}
}

// waitFor waits for looks that fit.
func (r *run) waitFor(what string, fits func(history) bool) {
	r.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		h, changed := r.observer.history()
		if fits(h) {
			return
		}
		select {
		case <-changed:
		case <-end.C:
			r.t.Fatalf("waited in vain for %s; the group is %v", what, h.last())
		}
	}
}

// settled waits until this many members share all partitions, and until each process has said everything about that:
// its members know what they own, and its story has advanced to a look that began after that. It does not wait for
// those that are cut off.
func (r *run) settled(members int, off ...*participant) look {
	r.t.Helper()
	var stands look    // the first look at the group in this state
	var told time.Time // since when all members know what they own; zero while some do not
	r.waitFor(fmt.Sprintf("%d members that share all partitions", members), func(h history) bool {
		now := h.last()
		if !now.same(stands) {
			stands, told = now, time.Time{}
		}
		if len(now.seats) != members || (!now.stable || !now.allOwned()) && members > 0 {
			return false
		}

		knows := func(p *participant) bool { return slices.Contains(off, p) || p.knows(now) }
		if told.IsZero() && !slices.ContainsFunc(r.participants, func(p *participant) bool { return !knows(p) }) {
			told = now.ended
		}
		return !told.IsZero() && !slices.ContainsFunc(r.participants, func(p *participant) bool {
			looked, runs := p.lastLook()
			return runs && !slices.Contains(off, p) && !looked.After(told.Add(oneMoreLook))
		})
	})

	h, _ := r.observer.history()
	r.phases = append(r.phases, phase{h.last(), stands.began, time.Now()})
	return h.last()
}

// oneMoreLook is more than the time between two looks of a member, so the story has had two since everything was known.
// The first shows who came and went, the second that the group no longer changes.
const oneMoreLook = 1200 * time.Millisecond

// waitIn waits until a client is in the group, and the group has shared all partitions.
func (r *run) waitIn(client string) {
	r.t.Helper()
	r.waitFor(client+" to be in", func(h history) bool { return h.last().stable && h.last().has(client) && h.last().allOwned() })
}

// waitOut waits until a client is out of the group.
func (r *run) waitOut(client string) {
	r.t.Helper()
	r.waitFor(client+" to be out", func(h history) bool { return !h.last().has(client) })
}

// committed waits until each partition has a commit.
func (r *run) committed() look {
	r.t.Helper()
	r.waitFor("a commit of each partition", func(h history) bool { return len(h.last().commits) == len(h.last().ends) })
	h, _ := r.observer.history()
	return h.last()
}

// judge compares everything that was said with what was seen.
func (r *run) judge() {
	r.t.Helper()
	f := r.facts
	f.history, _ = r.observer.history()
	f.group, f.assignor, f.claimed, f.session = r.group, r.assignor, r.session(), classicSession
	if r.assignor == member.Server {
		f.session = serverSession
	}
	f.topic = r.topic

	failed := false
	for _, p := range r.participants {
		w := p.witness()
		for _, s := range w.said {
			if err := f.check(w, s); err != nil {
				failed = true
				r.t.Errorf("%s says at %s\n  %s: %s\n  but %v", p.name, s.At.Format("05.000"), s.Kind, s.Text(), err)
			}
		}
		for _, m := range f.missing(w) {
			failed = true
			r.t.Errorf("%s has no sentence: %s", p.name, m)
		}
	}
	if failed {
		r.show(f)
	}
}

// show logs what was seen and said, in order.
func (r *run) show(f facts) {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for i, l := range f.looks {
		if i == 0 || !l.same(f.looks[i-1]) {
			lines = append(lines, line{l.began, fmt.Sprintf("seen  %v commits %v", l, l.commits)})
		}
	}
	for _, m := range f.crashes {
		lines = append(lines, line{m.at, "crash " + m.client})
	}
	for _, m := range f.leaves {
		lines = append(lines, line{m.at, "leave " + m.client})
	}
	for _, p := range r.participants {
		for _, s := range p.witness().said {
			if !s.Aside {
				lines = append(lines, line{s.At, fmt.Sprintf("%-5s %s: %s", p.name, s.Kind, s.Text())})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	for _, l := range lines {
		r.t.Logf("%s %s", l.at.Format("05.000"), l.text)
	}
}
