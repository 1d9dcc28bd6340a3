package game

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

const (
	helpEmpty     = 2 * time.Minute
	helpAlone     = 4 * time.Minute
	helpUnsettled = 30 * time.Second
	helpUnread    = 10 * time.Second
	helpRestless  = 6 // rebalances within restlessFor
	restlessFor   = 3 * time.Minute
	assignorsFor  = 3 * time.Minute
	unownedFor    = time.Minute
	lastActions   = 50
	fewActions    = 5  // too few to judge by
	sawTooth      = 10 // seconds' worth of records by which a group that commits every 5 s may lag
	fewBehind     = 20 // records by which any group may lag
	growthBucket  = 15 * time.Second
	growthBuckets = 4 // in a row with a growing lag
)

// A verdict is the number of actions at a time, and of those rejected.
type verdict struct {
	at       time.Time
	actions  int64
	rejected int64
}

// recordVerdict stores the counts since just before the last 50 actions.
func (t *teamState) recordVerdict(w Work, at time.Time) {
	now := verdict{at, w.Accepted + w.Rejected + w.Duplicate + w.Unverifiable, w.Rejected}
	if n := len(t.verdicts); n > 0 {
		switch last := t.verdicts[n-1]; {
		case last.actions == now.actions:
			return
		case now.actions < last.actions:
			t.verdicts = nil // a new round
		}
	}
	t.verdicts = append(t.verdicts, now)
	for len(t.verdicts) > 2 && now.actions-t.verdicts[1].actions >= lastActions {
		t.verdicts = t.verdicts[1:]
	}
}

// rejecting reports whether more than half of the last 50 actions were rejected, and since when.
func (t *teamState) rejecting() (since time.Time, share float64, ok bool) {
	if len(t.verdicts) == 0 {
		return since, 0, false
	}
	last, first := t.verdicts[len(t.verdicts)-1], verdict{}
	if last.actions > lastActions {
		first = t.verdicts[0]
	}
	n := last.actions - first.actions
	if n < fewActions || 2*(last.rejected-first.rejected) <= n {
		return since, 0, false
	}
	return t.verdicts[0].at, float64(last.rejected-first.rejected) / float64(n), true
}

// growth detects a growing lag: the lowest lag in each bucket of time is above that of the previous bucket.
type growth struct {
	bucket time.Time // start of the current bucket
	least  int64     // in the current bucket
	last   int64     // in the previous bucket; -1 for none
	since  time.Time
	count  int // buckets in a row
}

func (g *growth) add(at time.Time, lag int64) {
	if g.bucket.IsZero() {
		*g = growth{bucket: at, least: lag, last: -1}
	}
	if at.Sub(g.bucket) < growthBucket {
		g.least = min(g.least, lag)
		return
	}

	if g.last >= 0 && g.least > g.last {
		if g.count == 0 {
			g.since = g.bucket
		}
		g.count++
	} else {
		g.count = 0
	}
	g.last, g.least, g.bucket = g.least, lag, at
}

// updateHelp tracks since when each condition for help has held.
func (u *groupUpdate) updateHelp() {
	n := len(u.Members)
	if n > 0 {
		u.Had, u.EmptyAt = true, time.Time{}
	} else if u.EmptyAt.IsZero() {
		u.EmptyAt = u.at
	}

	if n != 1 {
		u.AloneAt = time.Time{}
	} else if u.AloneAt.IsZero() {
		u.AloneAt = u.at
	}

	if u.group.CommitErr == "" && u.room.topic.fresh {
		if lag, ok := u.lag(&u.room.topic); ok && n > 0 {
			u.growth.add(u.at, lag)
		} else {
			u.growth = growth{}
		}
	}

	if a := u.group.Assignor; a != "" && u.settled {
		u.Assignor = a
		if k := len(u.assignors); k == 0 || u.assignors[k-1].name != a {
			u.assignors = append(u.assignors, assignorUse{name: a, at: u.at})
		}
		use := &u.assignors[len(u.assignors)-1]
		use.most = max(use.most, n)
		if len(u.assignors) > 4 {
			u.assignors = u.assignors[1:]
		}
	}
}

// help returns what the team may need the instructor for.
func (t *teamState) help(now, began time.Time, rate float64, queues bool) []Help {
	var out []Help
	add := func(kind string, since time.Time, text, advice string) {
		out = append(out, Help{Team: t.team, Kind: kind, Since: workshop.At(since), Text: text, Advice: advice})
	}

	if t.Had && len(t.Members) == 0 && !t.EmptyAt.IsZero() && now.Sub(t.EmptyAt) >= helpEmpty {
		add("no_member", t.EmptyAt, "no members left", "Start your program again: it continues at your committed offsets.")
	}
	if len(t.Members) == 1 && !t.AloneAt.IsZero() && now.Sub(t.AloneAt) >= helpAlone {
		add("one_member", t.AloneAt, "one member only", "Start a second member in the same group, in another terminal or on a colleague's laptop.")
	}
	if since, share, ok := t.rejecting(); ok {
		add("rejected", since, fmt.Sprintf("%.0f %% of the last actions are rejected: %s", 100*share, t.commonestReason()), "Look at your team's page: it says what is wrong with each action.")
	}
	if t.growth.count >= growthBuckets && float64(t.growth.last) > max(sawTooth*rate, fewBehind) {
		add("lag", t.growth.since, fmt.Sprintf("lag keeps growing, over %d now", t.growth.last), "You read more slowly than records arrive: start more members, or do less work per record.")
	}
	if !t.faultAt.IsZero() && now.Sub(t.faultAt) >= helpUnread {
		add("unread", t.faultAt, "Kafka does not answer about this group: "+t.fault, "Stop all of your programs, then start one.")
	}
	if m := t.subscribedElsewhere(); m != "" {
		add("topic", t.goodAt, m+" is not subscribed to the lesson's topic", "Check the topic's name in your program.")
	}
	if since, text := t.restless(now); text != "" {
		add("rebalancing", since, text, "Look for a member that keeps restarting, or that takes too long between polls.")
	}
	if was, is, ok := t.assignorChanged(now); ok {
		add("assignors", is.at, fmt.Sprintf("two assignors: %s before, %s now", was.name, is.name), "All members of a group need the same assignor: start yours with --assignor "+is.name+".")
	}
	for _, h := range t.hints(now, began, queues) {
		add(h.kind, h.since, h.text, h.advice)
	}
	return out
}

// assignorChanged reports whether the group has changed to another assignor and has had fewer members since: those with the
// previous assignor cannot join. A single member that was restarted does not count.
func (t *teamState) assignorChanged(now time.Time) (was, is assignorUse, ok bool) {
	n := len(t.assignors)
	if n < 2 || now.Sub(t.assignors[n-1].at) >= assignorsFor {
		return was, is, false
	}
	was, is = t.assignors[n-2], t.assignors[n-1]
	return was, is, was.most >= 2 && len(t.Members) > 0 && len(t.Members) < was.most
}

// subscribedElsewhere returns the sign of a member that does not subscribe to the lesson's topic.
func (t *teamState) subscribedElsewhere() string {
	for _, m := range t.Members {
		if t.Settled && m.Elsewhere && !m.OnTopic {
			return sign(m.Colour)
		}
	}
	return ""
}

// restless reports a group that does not settle, or that rebalances too often; otherwise text is empty.
func (t *teamState) restless(now time.Time) (since time.Time, text string) {
	if !t.movingAt.IsZero() && now.Sub(t.movingAt) >= helpUnsettled {
		return t.movingAt, "the group keeps rebalancing and does not settle"
	}

	n := 0
	for _, b := range slices.Backward(t.rebalances) {
		if now.Sub(b.at) > restlessFor {
			break
		}
		n++
		since = b.at
	}
	if n >= helpRestless {
		return since, fmt.Sprintf("%d rebalances in %.0f minutes", n, restlessFor.Minutes())
	}
	return since, ""
}

// commonestReason returns the most frequent reason among the last rejections.
func (t *teamState) commonestReason() string {
	counts := map[string]int{}
	best := ""
	for _, r := range t.work.Rejections {
		if r.Of != "" {
			continue
		}
		counts[r.Reason]++
		if counts[r.Reason] > counts[best] {
			best = r.Reason
		}
	}
	return cmp.Or(best, "no reason known")
}

// Help returns what teams need help with, the oldest first.
func (r *Room) Help(now time.Time) []Help {
	out := []Help{}
	rate := r.topic.rate
	for _, t := range r.teams {
		out = append(out, t.help(now, r.round.Began, rate, r.setup.Lesson.Share)...)
	}
	slices.SortStableFunc(out, func(a, b Help) int { return a.Since.Compare(b.Since.Time) })
	return out
}
