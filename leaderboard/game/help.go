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
	fewActions    = 5  // below them nothing is said
	sawTooth      = 10 // seconds of records that two auto-commits may leave behind
	fewBehind     = 20 // records
)

// A verdict is how many actions there were, and how many of them were rejected, as of a moment.
type verdict struct {
	at       time.Time
	actions  int64
	rejected int64
}

// judge keeps what the last 50 actions came to.
func (t *State) judge(w Work, at time.Time) {
	now := verdict{at, w.Accepted + w.Rejected + w.Duplicate + w.Unverifiable, w.Rejected}
	if n := len(t.verdicts); n > 0 {
		switch last := t.verdicts[n-1]; {
		case last.actions == now.actions:
			return
		case now.actions < last.actions:
			t.verdicts = nil // counted anew
		}
	}
	t.verdicts = append(t.verdicts, now)
	for len(t.verdicts) > 2 && now.actions-t.verdicts[1].actions >= lastActions {
		t.verdicts = t.verdicts[1:]
	}
}

// rejecting reports since when more than half of the last 50 actions were rejected.
func (t *State) rejecting() (since time.Time, share float64, ok bool) {
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

// growth finds a lag that grows: the least lag of each quarter of a minute above the one before.
type growth struct {
	bucket time.Time
	least  int64
	last   int64
	since  time.Time
	count  int
}

func (g *growth) add(at time.Time, lag int64) {
	if g.bucket.IsZero() {
		*g = growth{bucket: at, least: lag, last: -1}
	}
	if at.Sub(g.bucket) < growthBucket {
		g.least = min(g.least, lag)
		return
	}
	switch {
	case g.last >= 0 && g.least > g.last:
		if g.count == 0 {
			g.since = g.bucket
		}
		g.count++
	default:
		g.count = 0
	}
	g.last, g.least, g.bucket = g.least, lag, at
}

// watch keeps since when things are that a team may need help with.
func (l *look) watch() {
	n := len(l.Members)
	if n > 0 {
		l.Had, l.EmptyAt = true, time.Time{}
	} else if l.EmptyAt.IsZero() {
		l.EmptyAt = l.at
	}
	if n != 1 {
		l.AloneAt = time.Time{}
	} else if l.AloneAt.IsZero() {
		l.AloneAt = l.at
	}
	if l.group.CommitErr == "" && l.room.topic.fresh {
		if lag, ok := l.lag(&l.room.topic); ok && n > 0 {
			l.growth.add(l.at, lag)
		} else {
			l.growth = growth{}
		}
	}
	if a := l.group.Assignor; a != "" && l.settled {
		l.Assignor = a
		if k := len(l.assignors); k == 0 || l.assignors[k-1].name != a {
			l.assignors = append(l.assignors, useOfAssignor{name: a, at: l.at})
		}
		use := &l.assignors[len(l.assignors)-1]
		use.most = max(use.most, n)
		if len(l.assignors) > 4 {
			l.assignors = l.assignors[1:]
		}
	}
}

// help says what the team may need the instructor for.
func (t *State) help(now, began time.Time, rate float64) []Help {
	var out []Help
	add := func(kind string, since time.Time, text, tell string) {
		out = append(out, Help{Team: t.team, Kind: kind, Since: workshop.At(since), Text: text, Tell: tell})
	}
	if t.Had && len(t.Members) == 0 && !t.EmptyAt.IsZero() && now.Sub(t.EmptyAt) >= helpEmpty {
		add("no_member", t.EmptyAt, "no member any more", "Start your program again: it goes on at your committed offsets.")
	}
	if len(t.Members) == 1 && !t.AloneAt.IsZero() && now.Sub(t.AloneAt) >= helpAlone {
		add("one_member", t.AloneAt, "one member only", "Start a second member in the same group, in another terminal or on a colleague's laptop.")
	}
	if since, share, ok := t.rejecting(); ok {
		add("rejected", since, fmt.Sprintf("%.0f %% of the last actions are rejected: %s", 100*share, t.commonestReason()), "Look at your team's page: it says what is wrong with each action.")
	}
	if t.growth.count >= growthBuckets && float64(t.growth.last) > max(sawTooth*rate, fewBehind) {
		add("lag", t.growth.since, fmt.Sprintf("lag grows, and is over %d", t.growth.last), "You read slower than records come: start more members, or do less for each record.")
	}
	if !t.faultAt.IsZero() && now.Sub(t.faultAt) >= helpUnread {
		add("unread", t.faultAt, "Kafka gives no answer about this group alone: "+t.fault, "Stop your programs, all of them, and start one.")
	}
	if m := t.elsewhere(); m != "" {
		add("topic", t.goodAt, m+" is not subscribed to the lesson's topic", "Check the topic's name in your program.")
	}
	if since, text := t.restless(now); text != "" {
		add("rebalancing", since, text, "Look for a member that starts over and over, or that is too slow between polls.")
	}
	if was, is, ok := t.lostToAssignor(now); ok {
		add("assignors", is.at, fmt.Sprintf("two assignors: %s before, %s now", was.name, is.name), "All members of a group need the same assignor: start yours with --assignor "+is.name+".")
	}
	for _, h := range t.hints(now, began) {
		add(h.kind, h.since, h.text, h.tell)
	}
	return out
}

// lostToAssignor reports a group that went over to another assignor and has fewer members since: those of
// the one before cannot join. One member alone, started again, is no news.
func (t *State) lostToAssignor(now time.Time) (was, is useOfAssignor, ok bool) {
	n := len(t.assignors)
	if n < 2 || now.Sub(t.assignors[n-1].at) >= assignorsFor {
		return was, is, false
	}
	was, is = t.assignors[n-2], t.assignors[n-1]
	return was, is, was.most >= 2 && len(t.Members) > 0 && len(t.Members) < was.most
}

func (t *State) elsewhere() string {
	for _, m := range t.Members {
		if t.Settled && m.Elsewhere && !m.OnTopic {
			return sign(m.Colour)
		}
	}
	return ""
}

func (t *State) restless(now time.Time) (since time.Time, text string) {
	if !t.movingAt.IsZero() && now.Sub(t.movingAt) >= helpUnsettled {
		return t.movingAt, "the group rebalances and does not settle"
	}
	n := 0
	for _, b := range slices.Backward(t.rebalances) {
		if now.Sub(b.at) > restlessFor {
			break
		}
		n, since = n+1, b.at
	}
	if n >= helpRestless {
		return since, fmt.Sprintf("%d rebalances in %.0f minutes", n, restlessFor.Minutes())
	}
	return since, ""
}

// commonestReason is the reason that most of the last rejections give.
func (t *State) commonestReason() string {
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

// Help lists who needs help, the oldest first.
func (r *Room) Help(now time.Time) []Help {
	out := []Help{}
	rate := r.topic.rate()
	for _, t := range r.teams {
		out = append(out, t.help(now, r.round.Began, rate)...)
	}
	slices.SortStableFunc(out, func(a, b Help) int { return a.Since.Compare(b.Since.Time) })
	return out
}
