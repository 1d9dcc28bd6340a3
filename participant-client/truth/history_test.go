package truth

import (
	"slices"
	"time"
)

// A history is the observer's looks, in order.
type history struct {
	topic string
	looks []look
}

// between returns the looks that cover the time from one moment to another: those in it, and the next one on both
// sides.
func (h history) between(from, to time.Time) []look {
	first := 0
	for i, l := range h.looks {
		if !l.ended.After(from) {
			first = i
		}
	}
	last := len(h.looks)
	for i := len(h.looks) - 1; i >= 0 && !h.looks[i].began.Before(to); i-- {
		last = i + 1
	}
	return h.looks[first:max(first, last)]
}

// ever reports whether a look of that time fits.
func (h history) ever(from, to time.Time, fits func(look) bool) bool {
	return slices.ContainsFunc(h.between(from, to), fits)
}

// at returns the last look that was over by then; false before the first.
func (h history) at(when time.Time) (look, bool) {
	for i := len(h.looks) - 1; i >= 0; i-- {
		if !h.looks[i].ended.After(when) {
			return h.looks[i], true
		}
	}
	return look{}, false
}

// last returns the newest look; an empty one before the first.
func (h history) last() look {
	if len(h.looks) == 0 {
		return look{}
	}
	return h.looks[len(h.looks)-1]
}

// same reports whether both looks have the same members with the same partitions of the same topic.
func (l look) same(other look) bool {
	return l.topicID == other.topicID && l.stable == other.stable && len(l.ends) == len(other.ends) && len(l.seats) == len(other.seats) &&
		!slices.ContainsFunc(l.seats, func(s seat) bool {
			return !slices.ContainsFunc(other.seats, func(o seat) bool { return s.id == o.id && slices.Equal(s.owned, o.owned) })
		})
}

// seat returns the member with the client id.
func (l look) seat(client string) (seat, bool) {
	i := slices.IndexFunc(l.seats, func(s seat) bool { return s.client == client })
	if i < 0 {
		return seat{}, false
	}
	return l.seats[i], true
}

func (l look) has(client string) bool {
	_, ok := l.seat(client)
	return ok
}

// owned returns the partitions of a client id.
func (l look) owned(client string) []int32 {
	s, _ := l.seat(client)
	return s.owned
}

// owner returns the client id that owns a partition; empty for none.
func (l look) owner(p int32) string {
	for _, s := range l.seats {
		if slices.Contains(s.owned, p) {
			return s.client
		}
	}
	return ""
}

// allOwned reports whether each partition of the topic has an owner.
func (l look) allOwned() bool {
	for p := range l.ends {
		if l.owner(p) == "" {
			return false
		}
	}
	return len(l.ends) > 0
}

// committed reports whether a partition's commit was this one (-1 for none) at some moment of that time. A commit that
// came and went between two looks is between theirs.
func (h history) committed(p int32, offset int64, from, to time.Time) bool {
	looks := h.between(from, to)
	for i, l := range looks {
		now := l.commit(p)
		if now == offset {
			return true
		}
		if i > 0 {
			before := looks[i-1].commit(p)
			if min(before, now) < offset && offset < max(before, now) {
				return true
			}
		}
	}
	return false
}

// commit returns a partition's committed offset, -1 for none.
func (l look) commit(p int32) int64 {
	if offset, ok := l.commits[p]; ok {
		return offset
	}
	return -1
}

// stillSince returns when a partition's commit, as of that moment, last changed, when records began to wait after it,
// or when its owner changed, whichever is latest: the owner's silence counts from there.
func (h history) stillSince(p int32, when time.Time) time.Time {
	var since time.Time
	for i, l := range h.looks {
		if l.ended.After(when) {
			break
		}
		waits := l.ends[p] > max(l.commit(p), 0)
		if i == 0 {
			since = l.began
			continue
		}
		before := h.looks[i-1]
		waited := before.ends[p] > max(before.commit(p), 0)
		if before.commit(p) != l.commit(p) || before.owner(p) != l.owner(p) || waits != waited {
			since = l.began
		}
	}
	return since
}
