package truth

import (
	"time"

	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A scenario is a sequence of events in a group.
type scenario struct {
	name       string
	partitions int
	steady     bool // soon over
	script     func(*run)
}

var scenarios = []scenario{
	{name: "evict", partitions: 4, script: evicted},
	{name: "join", partitions: 5, script: join, steady: true},
	{name: "leave", partitions: 5, script: leave, steady: true},
	{name: "crash", partitions: 5, script: crash},
	{name: "own-crash", partitions: 4, script: ownCrash},
	{name: "crashes", partitions: 5, script: crashes},
	{name: "idle", partitions: 2, script: idleLeaves, steady: true},
	{name: "static", partitions: 4, script: staticReturns},
	{name: "grow", partitions: 3, script: grows, steady: true},
	{name: "anew", partitions: 4, script: madeAnew},
	{name: "offsets", partitions: 3, script: offsetsSet, steady: true},
	{name: "other", partitions: 4, script: otherMake},
	{name: "paused", partitions: 4, script: pausedLeaves},
	{name: "cut", partitions: 4, script: cutOff},
	{name: "away", partitions: 4, script: brokerAway},
}

// join: a second, a third and three more, so that the sixth is idle.
func join(r *run) {
	r.join("ann", 1)
	r.settled(1)
	r.join("bob", 1)
	r.settled(2)
	r.join("carl", 1)
	r.settled(3)
	r.join("dora", 3)
	r.settled(6)
}

func leave(r *run) {
	ann := r.join("ann", 1)
	r.join("bob", 2)
	r.settled(3)
	r.quit(ann)
	r.settled(2)
}

// crash: a colleague's process.
func crash(r *run) {
	r.join("ann", 1)
	bob := r.join("bob", 1)
	r.settled(2)
	r.committed()
	r.crash(bob, 1)
	r.waitOut(bob.client(1))
	r.settled(1)
}

// ownCrash: one of two members of a process, whose records the other one reads again.
func ownCrash(r *run) {
	ann := r.join("ann", 2)
	r.settled(2)
	r.committed()
	r.crash(ann, 2)
	r.waitOut(ann.client(2))
	r.settled(1)
	r.start(ann, 2)
	r.settled(2)
	r.leave(ann, 1)
	r.settled(1)
}

// crashes: one after the other, the second before the group is settled.
func crashes(r *run) {
	r.join("ann", 1)
	bob, carl := r.join("bob", 1), r.join("carl", 1)
	r.settled(3)
	r.committed()
	r.crash(bob, 1)
	r.waitOut(bob.client(1))
	r.crash(carl, 1)
	r.waitOut(carl.client(1))
	r.settled(1)
}

func idleLeaves(r *run) {
	three := []*participant{r.join("ann", 1), r.join("bob", 1), r.join("carl", 1)}
	now := r.settled(3)
	for _, p := range three {
		if len(now.owned(p.client(1))) == 0 {
			r.quit(p)
		}
	}
	r.settled(2)
}

// staticReturns: a member of another client keeps its seat while it is away.
func staticReturns(r *run) {
	r.join("ann", 1)
	first := r.joinOther(r.t, "java", "seat-1")
	r.settled(2)
	first.Close()
	r.joinOther(r.t, "java", "seat-1")
	r.settled(2)
}

func grows(r *run) {
	r.join("ann", 1)
	r.join("bob", 1)
	r.settled(2)
	if _, err := r.admin.CreatePartitions(r.t.Context(), 2, r.topic); err != nil {
		r.t.Fatal(err)
	}
	r.waitFor("five partitions", func(h history) bool { return len(h.last().ends) == 5 })
	r.settled(2)
}

func madeAnew(r *run) {
	r.faults, r.hidden = true, true // while there is no topic, and when both join again
	r.join("ann", 1)
	r.join("bob", 1)
	was := r.settled(2).topicID
	if _, err := r.admin.DeleteTopics(r.t.Context(), r.topic); err != nil {
		r.t.Fatal(err)
	}
	for { // a cluster deletes in its own time
		if _, err := r.admin.CreateTopic(r.t.Context(), 3, 1, nil, r.topic); err == nil {
			break
		}
		if r.t.Context().Err() != nil {
			r.t.Fatal("the topic is not created again")
		}
	}
	r.writes()
	r.waitFor("another topic", func(h history) bool { return h.last().topicID != was })
	r.settled(2)
}

// offsetsSet: an admin sets the commits of an empty group back and forth.
func offsetsSet(r *run) {
	ann := r.join("ann", 1)
	r.settled(1)
	for _, to := range []func(look, int32) int64{
		func(look, int32) int64 { return 1 },
		func(l look, p int32) int64 { return l.ends[p] - 1 },
	} {
		now := r.committed()
		r.leave(ann, 1)
		r.settled(0)

		offsets := kadm.Offsets{}
		for p := range now.ends {
			offsets.AddOffset(r.topic, p, to(now, p), -1)
		}
		if err := r.admin.CommitAllOffsets(r.t.Context(), r.group, offsets); err != nil {
			r.t.Fatal(err)
		}
		r.start(ann, 1)
		r.settled(1)
	}
}

// otherMake: a plain consumer, and one that is in the group for another topic.
func otherMake(r *run) {
	r.join("ann", 1)
	r.settled(1)
	python := r.joinOther(r.t, "python", "")
	r.settled(2)
	r.leaves = append(r.leaves, mark{time.Now(), r.group + "-python"})
	python.Close()
	r.settled(1)
}

// pausedLeaves: a colleague commits nothing for longer than a session, but is there all the time, and leaves properly.
func pausedLeaves(r *run) {
	r.join("ann", 1)
	bob := r.join("bob", 1)
	r.settled(2)
	p := r.committed().owned(bob.client(1))[0]
	r.paused = append(r.paused, mark{time.Now(), bob.client(1)})
	if err := bob.members.Pause(1, true); err != nil {
		r.t.Fatal(err)
	}
	r.waitFor("a silence of a session", func(h history) bool {
		now := h.last()
		return now.ends[p] > now.commit(p) && now.ended.Sub(h.stillSince(p, now.ended)) > r.session()+2*time.Second
	})
	r.quit(bob)
	r.settled(1)
}

// cutOff: one of two processes loses its network to the brokers for longer than its session.
func cutOff(r *run) {
	ann := r.join("ann", 1)
	r.join("bob", 1)
	r.settled(2)
	r.committed()
	mend := r.cut(ann)
	r.waitOut(ann.client(1))
	r.settled(1, ann)
	mend()
	r.settled(2)
}

// brokerAway: nobody reaches the brokers, for a moment, and then for longer than a session.
func brokerAway(r *run) {
	r.hidden = true // when both join again
	ann := r.join("ann", 1)
	bob := r.join("bob", 1)
	r.settled(2)
	r.committed()
	r.cut(ann, bob)()
	r.settled(2)
	mend := r.cut(ann, bob)
	r.waitOut(ann.client(1))
	r.waitOut(bob.client(1))
	mend()
	r.settled(2)
}

// cut cuts the network to the brokers, and waits until each process has failed to connect. The result restores it.
func (r *run) cut(off ...*participant) (mend func()) {
	r.t.Helper()
	began := time.Now()
	for _, p := range off {
		select {
		case <-p.link.cut():
		case <-time.After(patience):
			r.t.Fatalf("%s does not connect again", p.name)
		}
	}
	return func() {
		for _, p := range off {
			r.gaps = append(r.gaps, gap{p.cfg.ClientID, began, time.Now()})
			p.link.mend()
		}
	}
}

// evicted: a rebalance does not wait for a member that takes longer than its timeout for one record.
func evicted(r *run) {
	ann := r.join("ann", 1)
	r.settled(1)
	r.slowed = append(r.slowed, mark{time.Now(), ann.client(1)})
	if err := ann.members.Slow(1, member.RebalanceTimeout*2); err != nil {
		r.t.Fatal(err)
	}
	produced := r.cluster.Client(r.t, kgo.DefaultProduceTopic(r.topic), kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)))
	for range 8 {
		if err := produced.ProduceSync(r.t.Context(), kgo.StringRecord("slow")).FirstErr(); err != nil {
			r.t.Fatal(err)
		}
	}
	r.join("bob", 1)
	r.waitOut(ann.client(1))
	if err := ann.members.Slow(1, 0); err != nil {
		r.t.Fatal(err)
	}
	r.settled(2)
}
