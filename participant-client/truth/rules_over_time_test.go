package truth

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// lately is how old the facts in a rebalance's sentence may be: it comes when a look shows that the rebalance is over.
const lately = 4 * sweep

func split(f *facts, w *witness, s story.Sentence) error {
	if s.Assignor != f.assignor {
		return fmt.Errorf("the assignor is %s", f.assignor)
	}
	var wrong []error
	joined := map[string]bool{}
	for _, name := range names(s.Who) {
		client := f.clientOf(w, name)
		joined[client] = true
		wrong = append(wrong, f.came(client, s.At.Add(-lately-s.Took), s.At))
	}

	before, from := sorted(s.Kept, s.Gave), s.At.Add(-lately-s.Took)
	if !f.shown(from, s.At, func(l look) bool { return slices.Equal(sorted(l.of(w)), before) }) {
		wrong = append(wrong, fmt.Errorf("%s did not own %v: %s", w.name, before, f.seen(from, s.At, look.String)))
	}
	others := func(l look) []int32 { // what its members own, except those that just joined
		var out []int32
		for _, m := range l.seats {
			if w.ours(m.client) && !joined[m.client] {
				out = append(out, m.owned...)
			}
		}
		return sorted(out)
	}
	shared := func(l look) bool {
		return covers(others(l), s.Kept) && !slices.ContainsFunc(s.Gave, func(p int32) bool { return slices.Contains(others(l), p) })
	}
	if !f.ever(s.At.Add(-sweep), s.At, shared) {
		wrong = append(wrong, fmt.Errorf("%s did not keep %v and give %v: %s", w.name, s.Kept, s.Gave, f.seen(s.At.Add(-sweep), s.At, look.String)))
	}
	least, most := f.moving(from, s.At)
	wrong = append(wrong, atMost("the stop", s.Took, most))
	if eager(s.Assignor) && s.Took < least-member.Heartbeat-slack {
		wrong = append(wrong, fmt.Errorf("the stop is at least %v, not %v", least, s.Took))
	}
	return errors.Join(wrong...)
}

// eager reports whether an assignor stops all members.
func eager(assignor string) bool { return assignor == member.Range || assignor == member.RoundRobin }

func handover(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	from := s.At.Add(-lately - f.session)
	wrong := []error{f.checkDeparture(w, s)}
	owned := func(l look) bool { return covers(l.owned(client), s.Partitions) && covers(s.Partitions, s.Got) }
	if !f.ever(from, s.At, owned) {
		wrong = append(wrong, fmt.Errorf("%s did not own %v, of which %v came", client, s.Partitions, s.Got))
	}
	if !f.ever(s.At.Add(-lately), s.At, func(l look) bool { return !l.has(client) }) {
		wrong = append(wrong, fmt.Errorf("%s is not gone", client))
	}
	if !f.shown(s.At.Add(-lately), s.At, func(l look) bool { return covers(l.of(w), s.Got) }) {
		wrong = append(wrong, fmt.Errorf("%s did not get %v: %s", w.name, s.Got, f.seen(s.At.Add(-sweep), s.At, look.String)))
	}
	return errors.Join(wrong...)
}

// silence checks for how long, at least, a member committed nothing before it was out.
func (f *facts) silence(client string, s story.Sentence) error {
	longest := time.Duration(0)
	for i := 1; i < len(f.looks); i++ {
		l, before := f.looks[i], f.looks[i-1]
		if !before.has(client) || l.has(client) || before.began.After(s.At) { // the first look after it still counts
			continue
		}
		for _, p := range s.Partitions {
			if before.ends[p] > max(before.commit(p), 0) { // otherwise there is nothing to commit
				longest = max(longest, since(l.began, f.stillSince(p, before.ended)))
			}
		}
	}
	if s.Timeout != f.claimed || s.Took < s.Timeout-slack {
		return fmt.Errorf("the session timeout is %v", f.claimed)
	}
	return atMost("the silence", s.Took, longest+f.late(s.At.Add(-longest), s.At))
}

func takeover(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	c, ok := marked(f.crashes, client, s.At)
	if !ok {
		return fmt.Errorf("%s did not crash", client)
	}
	if err := f.owns(client, s.Partitions, c.at.Add(-sweep), c.at); err != nil {
		return err
	}
	for i, l := range f.looks {
		if l.began.Before(c.at) || !l.stable || i == 0 {
			continue
		}
		var owners []string
		for _, p := range s.Partitions {
			owners = append(owners, l.owner(p))
		}
		slices.Sort(owners)
		owners = slices.Compact(owners)
		if slices.Contains(owners, client) || slices.Contains(owners, "") {
			continue
		}

		var said []string
		for _, o := range s.Others {
			said = append(said, f.clientOf(w, o))
		}
		slices.Sort(said)
		if !slices.Equal(said, owners) {
			return fmt.Errorf("the new owners are %v", owners)
		}
		wrong := f.about("the time until they have owners", s.Took, since(l.ended, c.at), s.At)
		if s.Timeout > 0 && s.Took >= s.Timeout-time.Second { // the sentence then names the timeout as the cause
			wrong = errors.Join(wrong, f.timedOut(client, l.ended))
		}
		return wrong
	}
	return errors.New("they have no other owner")
}

func silent(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	p := s.Partitions[0]
	l, ok := f.at(s.At)
	if !ok || l.owner(p) != client && !f.ever(s.At.Add(-sweep), s.At, func(l look) bool { return l.owner(p) == client }) {
		return fmt.Errorf("P%d is not of %s", p, client)
	}
	if !f.ever(s.At.Add(-sweep), s.At, func(l look) bool { return l.ends[p] > max(l.commit(p), 0) }) {
		return fmt.Errorf("no record of P%d waits", p)
	}
	return f.silent(s.Took, since(s.At, f.stillSince(p, s.At)), s.At)
}

func nextToRead(f *facts, _ *witness, s story.Sentence) error {
	for _, p := range s.Partitions {
		if !f.committed(p, s.Offsets[p], s.At.Add(-slack), s.At.Add(slack/10)) {
			return fmt.Errorf("the commit of P%d is not %d", p, s.Offsets[p])
		}
	}
	return nil
}

func sawTooth(_ *facts, w *witness, s story.Sentence) error {
	if s.Every != w.interval {
		return fmt.Errorf("it commits every %v", w.interval)
	}
	return nil
}

// unordered requires two partitions read in turn.
func unordered(_ *facts, w *witness, s story.Sentence) error {
	turns := 0
	for i := 1; i < len(w.reads) && w.reads[i].at.Before(s.At); i++ {
		if w.reads[i].partition != w.reads[i-1].partition {
			turns++
		}
	}
	if turns < 2 {
		return errors.New("it did not read two partitions in turn")
	}
	return nil
}

func shared(f *facts, w *witness, s story.Sentence) error {
	one := f.clientOf(w, s.Who)
	for _, name := range s.Others {
		other := f.clientOf(w, name)
		if !f.ever(s.At.Add(-sweep), s.At, func(l look) bool { return len(l.owned(one)) > 0 && len(l.owned(other)) > 0 }) {
			return fmt.Errorf("%s and %s do not read side by side", one, other)
		}
	}
	return nil
}

func otherTopic(f *facts, w *witness, s story.Sentence) error {
	client := f.clientOf(w, s.Who)
	if !f.ever(s.At.Add(-sweep), s.At, func(l look) bool {
		m, ok := l.seat(client)
		return ok && !slices.Contains(m.topics, f.topic) && slices.Equal(slices.Sorted(slices.Values(m.topics)), slices.Sorted(slices.Values(s.Others)))
	}) {
		return fmt.Errorf("%s is not in the group for %v", client, s.Others)
	}
	return nil
}

func grown(f *facts, _ *witness, s story.Sentence) error {
	was, is := false, false
	for _, l := range f.between(s.At.Add(-2*sweep), s.At.Add(slack)) {
		was = was || len(l.ends) == s.TotalWas
		is = was && len(l.ends) == s.Total
	}
	if !is || s.Total <= s.TotalWas {
		return fmt.Errorf("the topic did not grow from %d to %d partitions", s.TotalWas, s.Total)
	}
	return nil
}

func paused(f *facts, w *witness, s story.Sentence) error {
	if _, ok := marked(f.paused, f.clientOf(w, s.Who), s.At); !ok {
		return fmt.Errorf("%s was not paused", s.Who)
	}
	return nil
}

func slowed(f *facts, w *witness, s story.Sentence) error {
	if _, ok := marked(f.slowed, f.clientOf(w, s.Who), s.At); !ok {
		return fmt.Errorf("%s was not made slow", s.Who)
	}
	return nil
}

func joinWaits(f *facts, w *witness, s story.Sentence) error {
	for _, name := range s.Others {
		client := f.clientOf(w, name)
		c, crashed := marked(f.crashes, client, s.At)
		l, ok := f.at(s.At)
		if !crashed || !ok || !l.has(client) {
			return fmt.Errorf("%s is no crashed member that the group has yet", client)
		}
		if s.Took > 0 {
			return f.about("the rest of the session timeout", s.Took, f.session-since(s.At, c.at), s.At)
		}
	}
	return nil
}

func fromLeaderboard(*facts, *witness, story.Sentence) error {
	return errors.New("there is no leaderboard")
}

func countsRestored(*facts, *witness, story.Sentence) error { return errors.New("nobody keeps counts") }

// ended rejects the last line, which is not part of the story.
func ended(*facts, *witness, story.Sentence) error { return errors.New("the run goes on") }

// emptyLanes requires partitions that did not grow while others did.
func emptyLanes(f *facts, _ *witness, s story.Sentence) error {
	looks := f.between(s.At.Add(-s.Took-slack), s.At)
	if len(looks) == 0 {
		return errors.New("nobody looked")
	}
	first, last := looks[0], looks[len(looks)-1]
	grown := int64(0)
	for p, end := range last.ends {
		got := end - first.ends[p]
		grown += got
		if slices.Contains(s.Partitions, p) && got > 0 {
			return fmt.Errorf("P%d got %d records", p, got)
		}
		if got == 0 && !slices.Contains(s.Partitions, p) {
			return fmt.Errorf("P%d got none, too", p)
		}
	}
	for key, p := range s.Keys {
		if slices.Contains(s.Partitions, p) {
			return fmt.Errorf("P%d is not empty: it has key %s", p, key)
		}
	}
	if grown < s.Count/2 {
		return fmt.Errorf("there were %d records", grown)
	}
	return nil
}
