package member

import (
	"maps"
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// blind is a time between two sweeps in which too much can have happened to tell how fast or how silent anybody was.
const blind = 3 * sweepEvery

// take keeps what a sweep saw and tells what changed since the last one.
func (w *watch) take(g Group) {
	statuses := w.crew.Snapshot().Members
	w.mu.Lock()
	before := w.group
	for _, s := range statuses {
		if s.MemberID != "" {
			w.own[workshop.ShownID(s.MemberID)] = s.Instance
		}
	}
	g.Instances = maps.Clone(w.own)
	for i, l := range g.Lanes {
		last := Lane{Owner: l.Owner, Committed: l.Committed, OwnedSince: g.At}
		j := slices.IndexFunc(before.Lanes, func(o Lane) bool { return o.Partition == l.Partition })
		if j >= 0 && g.At.Sub(before.At) < blind && g.TopicID == before.TopicID {
			last = before.Lanes[j]
		}
		g.Lanes[i] = l.followed(last, g.At)
	}
	w.mu.Unlock()

	// Events first: who sees the group as it is now has heard of all that changed.
	if none := [16]byte{}; before.TopicID != none && g.TopicID != none && g.TopicID != before.TopicID {
		w.crew.emit(Event{Kind: Recreated, At: g.At, Before: ids(before.Lanes), Partitions: ids(g.Lanes)})
		w.crew.renew()
	}
	if !before.At.IsZero() {
		w.tell(before, g)
	}
	w.mu.Lock()
	w.group = g
	w.mu.Unlock()
	w.remember(g)
	w.mind(g)
	w.bury(g, statuses)
}

// tell reports who came and went, and the lag.
func (w *watch) tell(before, now Group) {
	for _, m := range now.Members {
		if !has(before.Members, m.ID) && !back(before.Members, m) {
			w.crew.emit(Event{Kind: Joined, At: now.At, Instance: now.Instances[m.ID], Member: m, Partitions: now.Owned(m)})
		}
	}
	for _, m := range before.Members {
		if !has(now.Members, m.ID) && !back(now.Members, m) {
			owned := before.Owned(m)
			if len(owned) == 0 {
				owned = w.owned[m.ID]
			}
			w.crew.emit(Event{Kind: Joined, At: now.At, Gone: true, Instance: now.Instances[m.ID], Member: m, Partitions: owned})
		}
	}
	lag := Event{Kind: Lag, At: now.At, Offsets: map[int32]int64{}}
	for _, l := range now.Lanes {
		if n := l.Lag(); n >= 0 {
			lag.Offsets[l.Partition] = n
			lag.Partitions = append(lag.Partitions, l.Partition)
		}
	}
	if len(lag.Partitions) > 0 {
		w.crew.emit(lag)
	}
}

// remember keeps what members own for when they are gone: some brokers show no assignment while a classic group
// rebalances.
func (w *watch) remember(g Group) {
	if g.State == group.PreparingRebalance || g.State == group.CompletingRebalance {
		return
	}
	w.owned = map[string][]int32{}
	for _, m := range g.Members {
		w.owned[m.ID] = g.Owned(m)
	}
}

// mind says once when the group runs another protocol than was asked for: newer brokers take classic
// members into a KIP-848 group in silence.
func (w *watch) mind(g Group) {
	asked := w.crew.cfg.Assignor
	in := slices.ContainsFunc(g.Members, func(m group.Member) bool { return g.Instances[m.ID] > 0 })
	if w.minded || !in || asked == Server || g.Protocol != group.Consumer {
		return
	}
	w.minded = true
	w.crew.Tell(g.Name + " is a KIP-848 group, where the broker assigns and --assignor " + asked + " has no say: start yours with --assignor server.")
}

// bury forgets crashed members that the group has thrown out.
func (w *watch) bury(g Group, statuses []Status) {
	for _, s := range statuses {
		if s.State != Dead || has(g.Members, s.MemberID) || g.At.Sub(s.CrashedAt) < time.Second {
			continue
		}
		w.crew.mu.Lock()
		if m := w.crew.members[s.Instance]; m != nil && m.life.Err() != nil {
			delete(w.crew.members, s.Instance)
		}
		w.crew.mu.Unlock()
	}
}

// view is the group with this process's members marked, and what is wrong now.
func (w *watch) view(own []Status) (Group, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.group
	g.Lanes = slices.Clone(g.Lanes)
	g.Instances = maps.Clone(w.own)
	for _, s := range own {
		g.Instances[workshop.ShownID(s.MemberID)] = s.Instance
	}
	return g, w.fault
}

// isIdle reports that a member was given no partitions for good: a look at the group that began after a moment shows it with
// none, the group stable, and the whole topic with owners. In a cooperative rebalance partitions may come in a second step.
func (c *Crew) isIdle(memberID string, since time.Time) bool {
	c.mu.Lock()
	w := c.watch
	c.mu.Unlock()

	w.mu.Lock()
	defer w.mu.Unlock()
	g := &w.group
	if g.State != group.Stable || !g.Began.After(since) || slices.ContainsFunc(g.Lanes, func(l Lane) bool { return l.Owner == "" }) {
		return false
	}
	return slices.ContainsFunc(g.Members, func(m group.Member) bool { return m.ID == workshop.ShownID(memberID) && len(g.Owned(m)) == 0 })
}

func ids(lanes []Lane) []int32 {
	out := make([]int32, len(lanes))
	for i, l := range lanes {
		out[i] = l.Partition
	}
	return out
}

func has(members []group.Member, id string) bool {
	return slices.ContainsFunc(members, func(m group.Member) bool { return m.ID == id })
}

// Client is the crew's own connection, outside the group, for what is published beside the records.
// Nil before Run.
func (c *Crew) Client() *kgo.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch == nil {
		return nil
	}
	return c.watch.cl
}

// back reports the same static member under another id: it came back to its place.
func back(members []group.Member, of group.Member) bool {
	return of.Instance != "" && slices.ContainsFunc(members, func(m group.Member) bool { return m.Instance == of.Instance })
}
