package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// teamRow returns the team's row of the board. It shares unchanged parts with the previous row, since Views are never
// modified. A step changes little or nothing in most teams' rows.
func (r *Room) teamRow(t *teamState, points, rank int) Team {
	w := &t.work
	was := &t.row
	earned := t.earned.scorecard()
	row := Team{
		Team: t.team, Name: t.name, Group: t.groupName, Rank: rank, Points: points, Badges: earned.badges, Awards: earned.awards,
		State: t.Group, MoreMembers: t.more, Members: memberRows(was.Members, t.Members),
		Committed: t.committedRows(was.Committed, &r.topic), Lanes: t.laneRows(was.Lanes, &r.topic, r.partitions(), r.asOf), History: t.history.shown(),
		ProcessedPerSecond: round1(t.speed.perSecond()), Actions: w.counts(), Precision: sharePointer(was.Precision, w.precision()), Recall: sharePointer(was.Recall, w.recall()),
		Events: slices.Clip(t.events), Rejected: w.Rejections, Reported: Reported{w.Processed, w.Flagged}, Moving: t.moving,
		Notes: t.hintTexts(r.asOf, r.round.Began, r.setup.Lesson.Share),
	}
	if earned.waits {
		row.Events = r.visibleEvents(row.Events)
	}

	if row.State == "" {
		row.State = "NotJoined"
	}
	if t.Protocol != "" && row.State != "NotJoined" {
		row.Protocol = share(was.Protocol, t.Protocol)
	}
	if at := earliest(t.staleAt, r.topic.staleAt); !at.IsZero() {
		row.StaleSince = share(was.StaleSince, workshop.At(at))
	}
	if lag, ok := t.lag(&r.topic); ok {
		row.Lag = share(was.Lag, lag)
	}

	if r.setup.Lesson.Share {
		row.Workers = t.workerRows(r.asOf)
		row.Beside = t.besideRow(r.setup.Beside(t.team))
	}
	t.row = row
	return row
}

// share returns a pointer to now, reusing before if the value is the same.
func share[T comparable](before *T, now T) *T {
	if before != nil && *before == now {
		return before
	}
	out := now
	return &out
}

// sharePointer does the same for a value that may be nil.
func sharePointer[T comparable](before, now *T) *T {
	if now == nil {
		return nil
	}
	return share(before, *now)
}

// shareRows returns n rows, each made from the previous one. If none differ, it returns before.
func shareRows[T comparable](before []T, n int, row func(before T, i int32) T) []T {
	if before == nil || len(before) != n {
		resized := make([]T, n)
		copy(resized, before)
		before = resized
	}

	out := before
	changed := false
	for i, was := range before {
		now := row(was, int32(i))
		if now == was {
			continue
		}
		if !changed {
			changed = true
			out = slices.Clip(slices.Clone(before))
		}
		out[i] = now
	}
	return out
}

// memberRows returns the members for the board.
func memberRows(before []Member, members []seenMember) []Member {
	same := func(row Member, m seenMember) bool {
		return row.MemberID == m.ID && row.ClientID == m.ClientID && row.Host == m.Host && row.Colour == m.Colour &&
			slices.Equal(row.Partitions, m.Partitions)
	}
	if before != nil && slices.EqualFunc(before, members, same) {
		return before
	}

	out := make([]Member, len(members))
	for i, m := range members {
		partitions := m.Partitions
		if partitions == nil {
			partitions = []int32{}
		}
		out[i] = Member{m.ID, m.ClientID, m.Host, m.Colour, partitions}
	}
	return out
}

// committedRows returns the team's commits for the board.
func (t *teamState) committedRows(before []Commit, k *topic) []Commit {
	return shareRows(before, len(k.end), func(was Commit, p int32) Commit {
		row := Commit{Partition: p, End: max(k.end[p], 0), Start: k.firstFrom(p, 0)}
		if c, ok := t.commits[p]; ok {
			row.Committed = share(was.Committed, c)
		}
		return row
	})
}

// laneRows returns the team's lanes for the board.
func (t *teamState) laneRows(before []Lane, k *topic, partitions int, now time.Time) []Lane {
	return shareRows(before, partitions, func(was Lane, p int32) Lane {
		row := Lane{Partition: p, Moving: slices.Contains(t.moving, p), OutOfOrder: sharePointer(was.OutOfOrder, t.outOfOrder(p, now))}
		if m := ownerOf(t.Members, p); m != nil {
			row.Owner = share(was.Owner, m.ID)
		}
		if c, ok := t.commits[p]; ok && k.endOf(p) >= 0 {
			row.Lag = share(was.Lag, max(k.endOf(p)-k.firstFrom(p, c), 0))
		}
		if n, ok := t.backlog[p]; ok {
			row.Lag = share(was.Lag, n)
		}
		if int(p) < len(t.lanes) && !t.lanes[p].silentAt.IsZero() && !row.Moving {
			row.SilentSince = share(was.SilentSince, workshop.At(t.lanes[p].silentAt))
		}
		return row
	})
}

// earliest returns the earlier of two times, ignoring zero times.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
