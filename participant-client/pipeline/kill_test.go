package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A killing is a topic of users, a team that acts on them, and a group whose members get killed.
type killing struct {
	t       *testing.T
	cluster *kafkatest.Cluster
	cfg     member.Config
	group   *member.Group
	done    chan error
	stop    context.CancelFunc
	read    atomic.Int64
}

func (k *killing) Event(member.Event)                   {}
func (k *killing) Flush() error                         { return nil }
func (k *killing) Records(_ int, records []*kgo.Record) { k.read.Add(int64(len(records))) }

// newKilling starts the group; options change its configuration before that.
func newKilling(t *testing.T, exactlyOnce bool, options ...func(*killing)) *killing {
	t.Helper()
	c := kafkatest.New(t)
	k := &killing{t: t, cluster: c, done: make(chan error, 1)}
	p, err := New(Config{Team: 1, Room: workshop.Room{Namespace: c.Namespace}, Solve: true})
	if err != nil {
		t.Fatal(err)
	}
	k.cfg = member.Config{
		Kafka: c.Config, Group: string(c.Namespace) + "team-1", Topic: string(c.Namespace) + "new_users", ClientID: "team-1-test",
		Assignor: member.Range, From: "earliest", SessionTimeout: 6 * time.Second, CommitInterval: 150 * time.Millisecond, Handler: p,
	}
	if exactlyOnce {
		k.cfg.TransactionalID = func(instance int) string { return c.TransactionalID(1, fmt.Sprint(instance)) }
	}
	c.CreateTopic(t, k.cfg.Topic, 5, nil)
	c.CreateTopic(t, c.Actions(1), 3, nil)
	for _, option := range options {
		option(k)
	}
	if k.group, err = member.New(k.cfg, k, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	go func() { k.done <- k.group.Run(ctx, 3) }()
	t.Cleanup(func() {
		cancel()
		if err := <-k.done; err != nil {
			t.Error(err)
		}
	})
	return k
}

// produce writes n users, pausing so that the kills interrupt work in progress; every second user meets the team's
// criterion.
func (k *killing) produce(ctx context.Context, n int, pace func(i int)) {
	cl := k.cluster.Client(k.t, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)), kgo.DefaultProduceTopic(k.cfg.Topic))
	for i := range n {
		host := "gmail.com"
		if i%2 == 0 {
			host = "hotmail.com"
		}
		value, err := json.Marshal(workshop.User{Email: fmt.Sprintf("u%d@%s", i, host)})
		if err != nil {
			k.t.Error(err)
		}
		cl.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				k.t.Errorf("produce: %v", err)
			}
		})
		pace(i)
	}
	if err := cl.Flush(ctx); err != nil {
		k.t.Error(err)
	}
}

// kill crashes a random member and starts another. It removes the dead one from the group by hand, as the session
// timeout would: otherwise each kill stops the group for the whole timeout.
func (k *killing) kill(rnd *rand.Rand) bool {
	var alive []member.Status
	for _, m := range k.group.Snapshot().Members {
		if m.State != member.Dead && m.MemberID != "" {
			alive = append(alive, m)
		}
	}
	if len(alive) == 0 {
		return false
	}
	victim := alive[rnd.IntN(len(alive))]
	if k.group.Crash(victim.Instance) != nil {
		return false
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = k.cfg.Group
	dead := kmsg.NewLeaveGroupRequestMember()
	dead.MemberID = victim.MemberID
	req.Members = append(req.Members, dead)
	if _, err := req.RequestWith(k.t.Context(), k.group.Client()); err != nil {
		k.t.Error(err)
	}
	if _, err := k.group.Start(); err != nil {
		k.t.Error(err)
	}
	return true
}

// actions counts how often each customer is in the team's actions, as read at an isolation level.
func (k *killing) actions(level kgo.IsolationLevel) map[string]int {
	k.t.Helper()
	cl := k.cluster.Client(k.t, kgo.ConsumeTopics(k.cluster.Actions(1)), kgo.FetchIsolationLevel(level),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())
	ends := k.ends(kadm.NewClient(cl))
	out := map[string]int{}
	next := map[int32]int64{}
	ctx, cancel := context.WithTimeout(k.t.Context(), 60*time.Second)
	defer cancel()
	for !reached(ends, next) {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			k.t.Fatalf("read actions: %v, at %v of %v", ctx.Err(), next, ends)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next[r.Partition] = r.Offset + 1
			if r.Attrs.IsControl() {
				return
			}
			var a workshop.Action
			if err := json.Unmarshal(r.Value, &a); err != nil {
				k.t.Errorf("action %s: %v", r.Value, err)
			}
			out[a.Customer]++
		})
	}
	return out
}

// ends returns the end offsets of the actions once no transaction is open: one that a kill left open hides everything
// after it from readers of committed records, until its timeout.
func (k *killing) ends(adm *kadm.Client) kadm.ListedOffsets {
	k.t.Helper()
	topic := k.cluster.Actions(1)
	ctx, cancel := context.WithTimeout(k.t.Context(), 60*time.Second)
	defer cancel()
	for {
		all, err := adm.ListEndOffsets(ctx, topic)
		if err != nil {
			k.t.Fatal(err)
		}
		committed, err := adm.ListCommittedOffsets(ctx, topic)
		if err != nil {
			k.t.Fatal(err)
		}
		open := false
		all.Each(func(o kadm.ListedOffset) {
			c, _ := committed.Lookup(topic, o.Partition)
			open = open || c.Offset < o.Offset
		})
		if !open {
			return all
		}
		select {
		case <-ctx.Done():
			k.t.Fatal("a transaction stays open")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func reached(ends kadm.ListedOffsets, next map[int32]int64) bool {
	all := true
	ends.Each(func(o kadm.ListedOffset) { all = all && next[o.Partition] >= o.Offset })
	return all
}

// settle waits until the group has committed everything that was produced, as the cluster reports it: the group's own
// snapshot may be slightly old.
func (k *killing) settle() {
	k.t.Helper()
	adm := k.cluster.Admin(k.t)
	ctx, cancel := context.WithTimeout(k.t.Context(), 90*time.Second)
	defer cancel()
	ends, err := adm.ListEndOffsets(ctx, k.cfg.Topic)
	if err != nil {
		k.t.Fatal(err)
	}
	var last kadm.OffsetResponses
	for {
		commits, err := adm.FetchOffsetsForTopics(ctx, k.cfg.Group, k.cfg.Topic)
		if ctx.Err() != nil {
			k.t.Fatalf("the group does not catch up: %v at %v of %v", err, last, ends)
		}
		last = commits
		behind := err != nil
		ends.Each(func(o kadm.ListedOffset) {
			c, ok := commits.Lookup(o.Topic, o.Partition)
			behind = behind || !ok || c.Err != nil || c.At < o.Offset // -1 with an open transaction
		})
		if !behind {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// under kills members n times, at random moments, while users are produced.
func (k *killing) under(n, users int, most time.Duration) {
	k.t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	killed := make(chan struct{})
	var producer sync.WaitGroup
	producer.Go(func() {
		k.produce(k.t.Context(), users, func(i int) {
			if i%50 == 0 { // spread over the time of the kills
				select {
				case <-killed:
				case <-time.After(most * time.Duration(n) / 2 / time.Duration(users/50)):
				}
			}
		})
	})
	for kills := 0; kills < n; {
		<-time.After(time.Duration(rnd.Int64N(int64(most))))
		if k.kill(rnd) {
			kills++
		}
	}
	close(killed)
	producer.Wait()
	k.settle()
}

// No user that meets the criterion is ever missing from the actions, no matter when members die.
func TestAtLeastOnceUnderKills(t *testing.T) {
	const users, kills = 20_000, 100
	k := newKilling(t, false)
	k.under(kills, users, 200*time.Millisecond)
	again := 0
	got := k.actions(kgo.ReadCommitted())
	for i := 0; i < users; i += 2 {
		n := got[fmt.Sprintf("u%d@hotmail.com", i)]
		if n == 0 {
			t.Fatalf("user %d is missing after %d kills", i, kills)
		}
		again += n - 1
	}
	if len(got) != users/2 {
		t.Errorf("%d customers, want %d", len(got), users/2)
	}
	t.Logf("%d kills: none of %d missing, %d actions twice, %d records read for %d", kills, users/2, again, k.read.Load(), users)
	if again == 0 {
		t.Error("no duplicates: the kills met no work, so this proved nothing")
	}
}

// With transactions a reader of committed records sees each action exactly once; a reader of all records also sees the
// aborted ones.
func TestExactlyOnceUnderKills(t *testing.T) {
	const users, kills = 20_000, 20
	k := newKilling(t, true)
	k.under(kills, users, 400*time.Millisecond)
	committed, all := k.actions(kgo.ReadCommitted()), k.actions(kgo.ReadUncommitted())
	again := 0
	for i := 0; i < users; i += 2 {
		email := fmt.Sprintf("u%d@hotmail.com", i)
		if n := committed[email]; n != 1 {
			t.Fatalf("user %d is there %d times after %d kills", i, n, kills)
		}
		again += all[email] - 1
	}
	t.Logf("%d kills: each of %d once; %d more were aborted", kills, users/2, again)
	if again == 0 {
		t.Error("nothing was aborted: the kills met no work, so this proved nothing")
	}
}
