package member

import (
	"maps"
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
)

// maxGap limits the time between two looks over which speed and silence are measured.
const maxGap = 3 * lookEvery

// update applies the result of a look and reports what has changed since the last one. Events come first: a reader of
// the new view has received every event that led to it.
func (w *watch) update(now GroupView) {
	own := w.group.Snapshot().Members
	before := w.compare(&now, own)

	if isRecreated(before, now) {
		w.group.emit(Event{Kind: Recreated, At: now.At, Before: partitions(before.Lanes), Partitions: partitions(now.Lanes)})
		w.group.replaceMembers()
	}
	if !before.At.IsZero() {
		w.reportMembers(before, now)
		w.reportLag(now)
	}

	w.mu.Lock()
	w.view = now
	w.mu.Unlock()
	w.rememberAssignments(now)
	w.checkProtocol(now)
	w.removeExpelled(now, own)
}

// compare adds what earlier looks have shown to a new view, and returns the previous view.
func (w *watch) compare(now *GroupView, own []Status) (before GroupView) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before = w.view
	for _, s := range own {
		if s.MemberID != "" {
			w.instances[workshop.ShownID(s.MemberID)] = s.Instance
		}
	}
	now.Instances = maps.Clone(w.instances)

	for i, l := range now.Lanes {
		last := Lane{Owner: l.Owner, Committed: l.Committed, OwnedSince: now.At}
		j := slices.IndexFunc(before.Lanes, func(o Lane) bool { return o.Partition == l.Partition })
		if j >= 0 && now.At.Sub(before.At) < maxGap && now.TopicID == before.TopicID {
			last = before.Lanes[j]
		}
		now.Lanes[i] = l.continuing(last, now.At)
	}
	return before
}

// isRecreated reports whether the topic was deleted and created again.
func isRecreated(before, now GroupView) bool {
	unknown := [16]byte{}
	return before.TopicID != unknown && now.TopicID != unknown && now.TopicID != before.TopicID
}

// reportMembers reports which members came and went.
func (w *watch) reportMembers(before, now GroupView) {
	for _, m := range now.Members {
		if !contains(before.Members, m) {
			w.group.emit(Event{Kind: Joined, At: now.At, Instance: now.Instances[m.ID], Member: m, Partitions: now.Owned(m)})
		}
	}

	for _, m := range before.Members {
		if contains(now.Members, m) {
			continue
		}
		owned := before.Owned(m)
		if len(owned) == 0 {
			owned = w.assigned[m.ID]
		}
		w.group.emit(Event{Kind: Joined, At: now.At, Gone: true, Instance: now.Instances[m.ID], Member: m, Partitions: owned})
	}
}

func (w *watch) reportLag(now GroupView) {
	lag := Event{Kind: Lag, At: now.At, Offsets: map[int32]int64{}}
	for _, l := range now.Lanes {
		if n := l.Lag(); n >= 0 {
			lag.Offsets[l.Partition] = n
			lag.Partitions = append(lag.Partitions, l.Partition)
		}
	}
	if len(lag.Partitions) > 0 {
		w.group.emit(lag)
	}
}

// rememberAssignments stores what members own, for when they are gone: some brokers show no assignment while a classic
// group rebalances.
func (w *watch) rememberAssignments(v GroupView) {
	if v.State == group.PreparingRebalance || v.State == group.CompletingRebalance {
		return
	}
	w.assigned = map[string][]int32{}
	for _, m := range v.Members {
		w.assigned[m.ID] = v.Owned(m)
	}
}

// checkProtocol reports once that the group runs another protocol than was asked for: newer brokers silently accept
// classic members into a KIP-848 group.
func (w *watch) checkProtocol(v GroupView) {
	asked := w.group.cfg.Assignor
	joined := slices.ContainsFunc(v.Members, func(m group.Member) bool { return v.Instances[m.ID] > 0 })
	if w.protocolReported || !joined || asked == Server || v.Protocol != group.Consumer {
		return
	}
	w.protocolReported = true
	w.group.ReportFault(v.Name + " is a KIP-848 group, where the broker assigns and --assignor " + asked + " has no say: start yours with --assignor server.")
}

// removeExpelled removes crashed members that the group has expelled.
func (w *watch) removeExpelled(v GroupView, own []Status) {
	for _, s := range own {
		if s.State != Dead || has(v.Members, s.MemberID) || v.At.Sub(s.CrashedAt) < time.Second {
			continue
		}
		w.group.mu.Lock()
		if m := w.group.members[s.Instance]; m != nil && m.ctx.Err() != nil {
			delete(w.group.members, s.Instance)
		}
		w.group.mu.Unlock()
	}
}

// snapshot returns the group with this process's members marked, and what is wrong now.
func (w *watch) snapshot(own []Status) (v GroupView, fault string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v = w.view
	v.Lanes = slices.Clone(v.Lanes)
	v.Instances = maps.Clone(w.instances)
	for _, s := range own {
		v.Instances[workshop.ShownID(s.MemberID)] = s.Instance
	}
	return v, w.condition.Wrong()
}

// isIdle reports whether a member will get no partitions: a look that began after since shows it with none and none to
// come, the group stable, and the whole topic with owners. In a cooperative rebalance partitions may come in a second
// step.
func (g *Group) isIdle(memberID string, since time.Time) bool {
	g.mu.Lock()
	w := g.watch
	g.mu.Unlock()

	w.mu.Lock()
	defer w.mu.Unlock()
	v := &w.view
	if v.State != group.Stable || !v.Began.After(since) || slices.ContainsFunc(v.Lanes, func(l Lane) bool { return l.Owner == "" }) {
		return false
	}
	return slices.ContainsFunc(v.Members, func(m group.Member) bool {
		return m.ID == workshop.ShownID(memberID) && len(v.Owned(m)) == 0 && len(m.Target[v.Topic]) == 0
	})
}

func partitions(lanes []Lane) []int32 {
	out := make([]int32, len(lanes))
	for i, l := range lanes {
		out[i] = l.Partition
	}
	return out
}

func has(members []group.Member, id string) bool {
	return slices.ContainsFunc(members, func(m group.Member) bool { return m.ID == id })
}

// contains reports whether members include m, or the same static member under another ID.
func contains(members []group.Member, m group.Member) bool {
	return slices.ContainsFunc(members, func(o group.Member) bool {
		return o.ID == m.ID || m.Instance != "" && o.Instance == m.Instance
	})
}
