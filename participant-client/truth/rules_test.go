package truth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// A rule returns what contradicts a sentence.
type rule func(f *facts, w *witness, s story.Sentence) error

// rules has one for each kind of sentence.
var rules = map[story.Kind]rule{
	story.FirstAssignment: firstAssignment,
	story.Idle:            idle,
	story.Assigned:        assigned,
	story.Revoked:         revoked,
	story.Lost:            lost,
	story.Resumed:         resumed,
	story.FromLatest:      resumed,
	story.CountsRestored:  countsRestored,
	story.Arrived:         arrived,
	story.Departed:        departed,
	story.Duplicates:      duplicates,
	story.Fault:           faulty,
	story.Waiting:         faulty,
	story.Recreated:       recreated,
	story.Closed:          closed,
	story.Ended:           ended,

	story.Split:        split,
	story.Handover:     handover,
	story.Takeover:     takeover,
	story.Silent:       silent,
	story.NextToRead:   nextToRead,
	story.SawTooth:     sawTooth,
	story.Unordered:    unordered,
	story.Shared:       shared,
	story.OtherTopic:   otherTopic,
	story.Grown:        grown,
	story.EmptyLanes:   emptyLanes,
	story.Paused:       paused,
	story.Slowed:       slowed,
	story.JoinWaits:    joinWaits,
	story.BadgeAwarded: fromLeaderboard,
	story.Asked:        fromLeaderboard,
	story.Answered:     fromLeaderboard,
}

// check returns what contradicts a sentence. One of a kind without a rule is rejected.
func (f *facts) check(w *witness, s story.Sentence) error {
	rule, ok := rules[s.Kind]
	if !ok {
		return errors.New("no rule for this sentence")
	}
	return rule(f, w, s)
}

func firstAssignment(f *facts, w *witness, s story.Sentence) error {
	if s.Who != fmt.Sprintf("member %d", s.Instance) || s.Group != f.group {
		return fmt.Errorf("it is member %d of %s", s.Instance, f.group)
	}
	return errors.Join(
		f.owns(w.client(s.Instance), s.Partitions, s.At.Add(-slack), f.settling(s.At)),
		atMost("the time since it was started", s.Took, s.At.Sub(w.began)),
	)
}

func idle(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	for _, l := range f.between(s.At.Add(-sweep), s.At.Add(slack)) {
		if l.has(client) && len(l.owned(client)) == 0 && l.allOwned() && (s.Total == 0 || s.Total == len(l.ends)) {
			return nil
		}
	}
	return fmt.Errorf("%s is not idle while all of %d partitions have owners: %s", client, s.Total,
		f.seen(s.At.Add(-sweep), s.At.Add(slack), look.String))
}

func assigned(f *facts, w *witness, s story.Sentence) error {
	client := w.client(s.Instance)
	before, after := sorted(s.Kept, s.Gave), sorted(s.Kept, s.Got)
	from, to := s.At.Add(-slack), f.settling(s.At)
	if len(before) == 0 {
		if f.shown(from, to, func(l look) bool { return covers(l.owned(client), s.Partitions) }) {
			return nil
		}
		return fmt.Errorf("%s does not own %v", client, s.Partitions)
	}
	_, most := f.moving(s.At.Add(-s.Took-2*sweep), to)
	return errors.Join(
		f.owns(client, after, from, to),
		f.owns(client, before, s.At.Add(-s.Took-2*sweep), s.At),
		atMost("the time that the group was moving", s.Took, most),
	)
}

func revoked(f *facts, w *witness, s story.Sentence) error {
	client := w.client(s.Instance)
	from, to := s.At.Add(-sweep), s.At.Add(sweep)
	if !f.shown(s.At.Add(-lately), s.At, func(l look) bool { return covers(l.owned(client), s.Partitions) }) {
		return fmt.Errorf("%s did not own %v", client, s.Partitions)
	}
	looks := f.between(from, to)
	if !slices.ContainsFunc(looks, func(l look) bool { return !l.stable || !l.same(looks[0]) }) {
		return errors.New("there is no rebalance")
	}
	return f.lastCommit(w, s)
}

// lastCommit checks a sentence about the commit of partitions that a member gave up.
func (f *facts) lastCommit(w *witness, s story.Sentence) error {
	switch s.Commit {
	case member.CommitTaken:
		return f.kept(w, s.Instance, s.Partitions, s.At)
	case member.CommitFailed:
		out := func(l look) bool { return !l.has(w.client(s.Instance)) }
		if !f.anew(s.At.Add(-sweep), s.At.Add(sweep)) && !f.away(w, s.At.Add(-sweep), s.At) && !f.ever(s.At.Add(-sweep), s.At, out) {
			return errors.New("nothing was in the way of a commit")
		}
	}
	return nil
}

func lost(f *facts, w *witness, s story.Sentence) error {
	client := w.client(s.Instance)
	if s.How == member.OutOfTouch {
		if !f.away(w, s.At.Add(-noticed), s.At) && f.late(s.At.Add(-lately), s.At) < unanswered {
			return errors.New("the group has answered all the time")
		}
		return nil
	}
	out := func(l look) bool {
		return !l.has(client) || !slices.ContainsFunc(s.Partitions, func(p int32) bool { return l.owner(p) == client })
	}
	if f.ever(s.At.Add(-slack), s.At.Add(slack), out) {
		return nil
	}
	return fmt.Errorf("the group had not given up %s", client)
}

func resumed(f *facts, w *witness, s story.Sentence) error {
	if s.From != w.from {
		return fmt.Errorf("it was started with --from %s", w.from)
	}
	for _, p := range s.Partitions {
		offset := s.Offsets[p]
		if !f.committed(p, offset, s.At.Add(-slack), s.At.Add(slack/2)) {
			return fmt.Errorf("the commit of P%d is %s, not %d", p,
				f.seen(s.At.Add(-slack), s.At.Add(slack/2), func(l look) string { return fmt.Sprint(l.commit(p)) }), offset)
		}
		if first, ok := f.readNext(w, s, p); ok && offset >= 0 && first != offset {
			return fmt.Errorf("P%d goes on at %d, not at %d", p, first, offset)
		}
	}
	return nil
}

// readNext returns the first offset of a partition that a member read after a sentence said where it continues, and
// before another such sentence or another topic of that name.
func (f *facts) readNext(w *witness, s story.Sentence, p int32) (int64, bool) {
	until := f.last().ended
	for i, l := range f.looks {
		if i > 0 && l.topicID != f.looks[i-1].topicID && f.looks[i-1].began.After(s.At) {
			until = f.looks[i-1].ended
			break
		}
	}
	for _, o := range w.said {
		if slices.Contains(goesOn(o), p) && o.At.After(s.At) && o.At.Before(until) {
			until = o.At
		}
	}
	for _, r := range w.reads {
		if r.instance == s.Instance && r.partition == p && r.at.After(s.At) && r.at.Before(until) {
			return r.first, true
		}
	}
	return 0, false
}

func arrived(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	if !f.ever(s.At.Add(-sweep), s.At, func(l look) bool { m, _ := l.seat(client); return m.address() == s.Host }) {
		return fmt.Errorf("%s is not in the group from %s", client, s.Host)
	}
	return f.came(client, s.At.Add(-2*sweep), s.At)
}

func departed(f *facts, w *witness, s story.Sentence) error {
	return errors.Join(f.went(f.clientOf(w, s.Who), s.At), f.checkDeparture(w, s))
}

// checkDeparture checks the word for how a member left.
func (f *facts) checkDeparture(w *witness, s story.Sentence) error {
	switch s.How {
	case story.Gone: // claims no more than is known
		return nil
	case member.Left:
		return f.left(f.clientOf(w, s.Who), s.At)
	case story.LongSilence:
		return f.silence(f.clientOf(w, s.Who), s)
	}
	return fmt.Errorf("no way to go is called %q", s.How)
}

// noticed is how long after a cut a process may still report it: requests in flight have to fail, and a connection has
// to be made again.
const noticed = 8 * time.Second

// unanswered is how long the observer must have no answer before others may report that Kafka does not answer.
const unanswered = 2 * time.Second

func faulty(f *facts, w *witness, s story.Sentence) error {
	if s.How == story.Healed && f.away(w, s.At, s.At) {
		return errors.New("the brokers are still away")
	}
	if f.away(w, s.At.Add(-noticed), s.At) {
		return nil
	}
	if !f.faults && f.late(s.At.Add(-lately), s.At.Add(slack)) < unanswered {
		return fmt.Errorf("nothing is wrong with Kafka: %s", s.Explained)
	}
	return nil
}

func recreated(f *facts, _ *witness, s story.Sentence) error {
	looks := f.between(s.At.Add(-4*sweep), s.At.Add(slack))
	for i, l := range looks {
		before := func(b look) bool { return b.topicID != l.topicID && len(b.ends) == s.TotalWas }
		if len(l.ends) == s.Total && slices.ContainsFunc(looks[:i], before) {
			return nil
		}
	}
	return fmt.Errorf("no other topic with %d partitions came after one with %d", s.Total, s.TotalWas)
}

func closed(f *facts, w *witness, s story.Sentence) error {
	client := w.client(s.Instance)
	before := s.At.Add(-sweep)
	switch s.How {
	case member.Left:
		gone := f.ever(s.At, s.At.Add(sweep), func(l look) bool { return !l.has(client) })
		if !gone {
			return fmt.Errorf("%s is still in the group", client)
		}
		return errors.Join(f.left(client, s.At), f.owns(client, s.Partitions, before, s.At), f.lastCommit(w, s))
	case member.Crashed:
		c, ok := marked(f.crashes, client, s.At)
		if !ok || s.At.Sub(c.at) > sweep {
			return fmt.Errorf("%s did not crash", client)
		}
		if s.Timeout != f.claimed {
			return fmt.Errorf("its session timeout is %v", f.claimed)
		}
		return f.owns(client, s.Partitions, before, c.at)
	}
	return fmt.Errorf("%s was not made to end like that", client)
}

// names splits a list of names: a, b and c.
func names(list string) []string {
	return strings.Split(strings.ReplaceAll(list, " and ", ", "), ", ")
}

// String returns which client owns what.
func (l look) String() string {
	var out []string
	for _, s := range l.seats {
		name := s.client[strings.LastIndex(s.client[:max(strings.LastIndex(s.client, "-"), 0)], "-")+1:]
		out = append(out, fmt.Sprintf("%s%v", name, s.owned))
	}
	slices.Sort(out)
	state := ""
	if !l.stable {
		state = "moving "
	}
	return fmt.Sprintf("{%s%s}", state, strings.Join(out, " "))
}

// since returns the time from then to at.
func since(at, then time.Time) time.Duration { return at.Sub(then) }
