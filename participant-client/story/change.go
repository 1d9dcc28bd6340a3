package story

import (
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// A change is one rebalance as seen from here: several events, explained once the group stands.
type change struct {
	open    bool
	own     time.Time // when the last event of a member of ours happened
	seen    time.Time // when the look ended that the last event of the group is from
	came    []string  // who joined
	mine    int       // the last member of ours that joined, 0 for none
	went    []departure
	stopped time.Duration
	before  map[int][]int32 // what members of ours owned, by instance; without those that joined
	after   map[int][]int32 // and what they own now
}

// A departure is how a member went, as far as that is known.
type departure struct {
	who    string
	owned  []int32
	how    string
	silent time.Duration // since its last commit
}

// again is the second Split of an assignor that stops every member.
const again = "again"

// add takes an event over that belongs to a rebalance.
func (c *change) add(e member.Event, s Sentence, before *Scene, timeout time.Duration) {
	if c.after == nil {
		c.before, c.after = map[int][]int32{}, map[int][]int32{}
	}

	_, known := c.after[e.Instance]
	switch {
	case e.Kind == member.Assigned && e.First:
		c.came, c.mine = append(c.came, s.Who), e.Instance
		c.after[e.Instance] = e.Owned
	case e.Kind == member.Assigned:
		c.stopped = max(c.stopped, e.Pause)
		c.after[e.Instance] = e.Owned
		if !known {
			c.before[e.Instance] = e.Before
		}
	case e.Kind == member.Revoked && e.Reason != member.Left && !known: // what comes for it may come later, or not at all
		c.before[e.Instance], c.after[e.Instance] = e.Before, e.Owned
	case s.Kind == Arrived && e.Instance == 0: // ours may have come back under another id
		c.came = append(c.came, s.Who)
	case s.Kind == Departed && e.Instance == 0:
		c.went = append(c.went, departed(e, s.Who, before, timeout))
	case e.Kind == member.Closed && e.Reason == member.Left: // a crash shows when the group finds out
		c.went = append(c.went, departure{who: s.Who, owned: e.Partitions, how: member.Left})
	default:
		return
	}

	c.open = true
	if e.Kind == member.Joined {
		c.seen = e.At
	} else {
		c.own = e.At
	}
}

// settled reports that the rebalance is over. A look that began after its last event found the group stable, with an owner
// for each partition; and what our members own is what their events say.
func (c *change) settled(s *Scene, owned map[int][]int32) bool {
	if s.Moving || s.Group.Began.Before(c.own) || s.Group.At.Before(c.seen) {
		return false
	}
	if len(s.Group.Members) == 0 {
		return true
	}
	if s.Group.State != group.Stable || slices.ContainsFunc(s.Group.Lanes, func(l member.Lane) bool { return l.Owner == "" }) {
		return false
	}

	for _, a := range s.Own() {
		i := slices.IndexFunc(s.Group.Members, func(m group.Member) bool { return m.ID == a.ID })
		if !a.Dead() && (i < 0 || !slices.Equal(s.Group.Owned(s.Group.Members[i]), owned[a.Instance])) {
			return false
		}
	}
	return true
}

// departed tells how a colleague went. From outside nobody can tell whether it said goodbye, timed out, was too slow for a
// rebalance or was thrown out; but for how long it had committed nothing, while records waited, is a fact.
func departed(e member.Event, who string, before *Scene, timeout time.Duration) departure {
	d := departure{who: who, owned: e.Partitions, how: Gone}
	for _, l := range before.Lanes {
		if l.Owner >= 0 && before.Members[l.Owner].ID == e.Member.ID {
			d.silent = max(d.silent, l.Silent)
		}
	}
	if d.silent > 0 {
		d.silent += max(e.At.Sub(before.Now), 0)
	}

	// A commit is seen up to a second after it was made, so the silence was up to a second longer than what was seen of it.
	if timeout > 0 && d.silent >= timeout-time.Second {
		d.how = LongSilence
	}
	return d
}

// explain returns the sentences of a rebalance that is over: one for each who went and left us something, or one for
// those who came.
func (c *change) explain(scene *Scene, owned map[int][]int32, cfg Config) []Sentence {
	if !c.open || !c.settled(scene, owned) {
		return nil
	}
	was := *c
	*c = change{}

	var kept, gave, got []int32
	for instance, before := range was.before { // one that has just joined has its share because it joined
		kept = append(kept, both(before, was.after[instance])...)
		gave = append(gave, without(before, was.after[instance])...)
		got = append(got, without(was.after[instance], before)...)
	}
	var out []Sentence
	for _, d := range was.went {
		ours := both(got, d.owned) // what others got, or was nobody's, is not due to it
		if len(ours) > 0 {
			out = append(out, Sentence{Kind: Handover, Who: d.who, Partitions: d.owned, Got: ours, How: d.how, Took: d.silent, Timeout: cfg.SessionTimeout})
		}
	}
	if len(out) > 0 || len(was.came) == 0 || len(kept)+len(gave) == 0 {
		return out
	}
	names := slices.Compact(slices.Sorted(slices.Values(was.came)))
	return []Sentence{{
		Kind: Split, Instance: was.mine, Who: list(names), Assignor: cfg.Assignor, Took: was.stopped, Kept: kept, Gave: gave,
	}}
}
