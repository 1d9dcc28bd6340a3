package story

import (
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// A rebalance as seen from here is several events. It is explained once the group is stable again.
type rebalance struct {
	open    bool
	own     time.Time // of the last event of a member of this process
	looked  time.Time // end of the look that the group's last event is from
	joined  []string
	mine    int // the last member of this process that joined, 0 for none
	gone    []departure
	stopped time.Duration
	before  map[int][]int32 // what members of this process owned, by instance, without those that joined
	after   map[int][]int32 // and what they own now
}

// A departure is how a member left the group, as far as that is known.
type departure struct {
	who    string
	id     string // of a colleague's member
	ours   int    // the number of one of this process
	owned  []int32
	how    string
	silent time.Duration // without a commit
}

// again is How of a Split that is not the first one.
const again = "again"

// add adds an event, if it belongs to a rebalance.
func (r *rebalance) add(e member.Event, s Sentence, before *Scene, timeout time.Duration) {
	if r.after == nil {
		r.before = map[int][]int32{}
		r.after = map[int][]int32{}
	}

	_, known := r.after[e.Instance]
	switch {
	case e.Kind == member.Assigned && e.First:
		r.joined = append(r.joined, s.Who)
		r.mine = e.Instance
		r.after[e.Instance] = e.Owned
	case e.Kind == member.Assigned:
		r.stopped = max(r.stopped, e.Pause)
		r.after[e.Instance] = e.Owned
		if !known {
			r.before[e.Instance] = e.Before
		}
	case e.Kind == member.Revoked && e.Reason != member.Left && !known: // its Assigned may come later, or not at all
		r.before[e.Instance] = e.Before
		r.after[e.Instance] = e.Owned
	case s.Kind == Arrived && e.Instance == 0: // a member of this process may be back under another ID
		r.joined = append(r.joined, s.Who)
	case s.Kind == Departed && e.Instance == 0:
		r.gone = append(r.gone, colleagueGone(e, s.Who, before, timeout))
	case e.Kind == member.Closed && e.Reason == member.Left: // a crash shows when the group finds out
		r.gone = append(r.gone, departure{who: s.Who, ours: e.Instance, owned: e.Partitions, how: member.Left})
	default:
		return
	}

	r.open = true
	if e.Kind == member.Joined {
		r.looked = e.At
	} else {
		r.own = e.At
	}
}

// colleagueGone describes how a colleague's member left. From outside nobody can tell whether it left, timed out, was
// too slow for a rebalance or was expelled. But how long it had committed nothing, while records waited, is a fact.
func colleagueGone(e member.Event, who string, before *Scene, timeout time.Duration) departure {
	d := departure{who: who, id: e.Member.ID, owned: e.Partitions, how: Gone}
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

// settled reports whether the rebalance is over: a look that began after its last event found the group stable, with an
// owner for each partition, and this process's members own what their events reported.
func (r *rebalance) settled(s *Scene, owned map[int][]int32) bool {
	g := &s.Group
	if s.Moving || g.Began.Before(r.own) || g.At.Before(r.looked) {
		return false
	}
	if len(g.Members) == 0 {
		return true
	}
	if g.State != group.Stable || slices.ContainsFunc(g.Lanes, func(l member.Lane) bool { return l.Owner == "" }) {
		return false
	}

	for _, a := range s.Own() {
		i := slices.IndexFunc(g.Members, func(m group.Member) bool { return m.ID == workshop.ShownID(a.ID) })
		if !a.Dead() && (i < 0 || !slices.Equal(g.Owned(g.Members[i]), owned[a.Instance])) {
			return false
		}
	}
	return true
}

// explain returns the sentences of a rebalance that is over: one for each member that is gone and whose partitions came
// here, or one for those that joined.
func (r *rebalance) explain(scene *Scene, owned map[int][]int32, cfg Config) []Sentence {
	if !r.open || !r.settled(scene, owned) {
		return nil
	}
	was := *r
	*r = rebalance{}

	var kept, gave, got []int32
	for instance, before := range was.before { // a member that just joined got its share because it joined
		kept = append(kept, intersect(before, was.after[instance])...)
		gave = append(gave, subtract(before, was.after[instance])...)
		got = append(got, subtract(was.after[instance], before)...)
	}

	var out []Sentence
	for _, d := range was.gone {
		fromIt := intersect(got, d.owned) // what others got, or what nobody owned, does not come from it
		if len(fromIt) > 0 {
			out = append(out, Sentence{
				Kind: Handover, Instance: d.ours, Who: d.who, MemberID: d.id, Partitions: d.owned, Got: fromIt, How: d.how, Took: d.silent, Timeout: cfg.SessionTimeout,
			})
		}
	}
	if len(out) > 0 || len(was.joined) == 0 || len(kept)+len(gave) == 0 {
		return out
	}
	names := slices.Compact(slices.Sorted(slices.Values(was.joined)))
	return []Sentence{{
		Kind: Split, Instance: was.mine, Who: list(names), MemberID: scene.idOf(list(names)), Assignor: cfg.Assignor, Took: was.stopped, Kept: kept, Gave: gave,
	}}
}
