package truth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// facts are what is known of a run independently of the product: the observer's looks, and what the script did.
type facts struct {
	history
	group    string
	assignor string
	session  time.Duration // timeout of a silent member
	claimed  time.Duration // the same as the members know it: 0 if the broker's setting applies
	leaves   []mark        // by client id, as are the others
	crashes  []mark
	slowed   []mark
	paused   []mark
	faults   bool  // the script makes Kafka answer with errors
	gaps     []gap // times in which a process was cut off, or stopped
	phases   []phase
	hidden   bool // members join at the same moment, so that some assignments are never shown
}

// A witness is a process whose sentences are compared with the facts.
type witness struct {
	name     string
	clientID string // of its members, without their numbers
	from     string
	interval time.Duration
	began    time.Time
	over     time.Time // zero while it runs
	said     []story.Sentence
	reads    []read
}

// crashedOwning reports whether the member had partitions when it crashed, as far as it knew. One that crashes in the
// middle of a rebalance may get some afterwards, and can't know what happens to those.
func (w *witness) crashedOwning(client string) bool {
	return slices.ContainsFunc(w.said, func(s story.Sentence) bool {
		return s.Kind == story.Closed && s.How == member.Crashed && w.client(s.Instance) == client && len(s.Partitions) > 0
	})
}

// slack is how far a duration in a sentence may be off.
const slack = time.Second

// sweep allows for one look a second, and for looks that take long on a loaded machine.
const sweep = 2500 * time.Millisecond

func (w *witness) client(instance int) string { return fmt.Sprintf("%s-%d", w.clientID, instance) }

// ours reports whether a client id belongs to one of its own members.
func (w *witness) ours(client string) bool { return strings.HasPrefix(client, w.clientID+"-") }

// clientOf returns the client id of a member as a sentence names it.
func (f *facts) clientOf(w *witness, who string) string {
	var instance int
	if n, _ := fmt.Sscanf(who, "member %d", &instance); n == 1 {
		return w.client(instance)
	}
	return f.group + "-" + who
}

// of returns the partitions that members of the process own.
func (l look) of(w *witness) []int32 {
	var out []int32
	for _, s := range l.seats {
		if w.ours(s.client) {
			out = append(out, s.owned...)
		}
	}
	slices.Sort(out)
	return out
}

// marked returns the last mark of a client id up to a moment.
func marked(marks []mark, client string, until time.Time) (mark, bool) {
	for i := len(marks) - 1; i >= 0; i-- {
		if marks[i].client == client && !marks[i].at.After(until) {
			return marks[i], true
		}
	}
	return mark{}, false
}

// away reports whether a process was cut off, or stopped, at some moment of that time.
func (f *facts) away(w *witness, from, to time.Time) bool {
	return slices.ContainsFunc(f.gaps, func(g gap) bool { return g.clientID == w.clientID && g.from.Before(to) && g.to.After(from) })
}

// left returns what contradicts a clean leave.
func (f *facts) left(client string, at time.Time) error {
	if _, ok := marked(f.leaves, client, at); !ok {
		return fmt.Errorf("%s did not leave", client)
	}
	if c, ok := marked(f.crashes, client, at); ok {
		return fmt.Errorf("%s crashed %v before", client, at.Sub(c.at))
	}
	return nil
}

// timedOut returns what contradicts an expired session timeout.
func (f *facts) timedOut(client string, at time.Time) error {
	c, ok := marked(f.crashes, client, at)
	if !ok {
		return fmt.Errorf("%s did not crash", client)
	}
	if after := at.Sub(c.at); after < f.session-member.Heartbeat-slack {
		return fmt.Errorf("%s crashed only %v before, and the session timeout is %v", client, after, f.session)
	}
	return nil
}

// went returns what contradicts that a member was in the group and is out of it now. Members of a topic that was
// created again are replaced by others with the same client ids.
func (f *facts) went(client string, at time.Time) error {
	late := f.late(at.Add(-lately), at)
	if !f.ever(at.Add(-3*sweep-late), at, func(l look) bool { return l.has(client) }) {
		return fmt.Errorf("%s was not in the group before", client)
	}
	from, to := at.Add(-sweep-late), at.Add(slack)
	if !f.ever(from, to, func(l look) bool { return !l.has(client) }) && !f.replaced(client, from, to) {
		return fmt.Errorf("%s is in the group all the time", client)
	}
	return nil
}

// came returns what contradicts that a member joined lately.
func (f *facts) came(client string, since, at time.Time) error {
	since = since.Add(-2 * f.late(since, at))
	if !f.ever(since, at, func(l look) bool { return l.has(client) }) {
		return fmt.Errorf("%s is not in the group", client)
	}
	if len(f.looks) > 0 && !f.looks[0].ended.Before(since) {
		return nil // it is from before the first look
	}
	if !f.ever(since, at, func(l look) bool { return !l.has(client) }) && !f.replaced(client, since, at) {
		return fmt.Errorf("%s was in the group all the time", client)
	}
	return nil
}

// replaced reports whether a client id now belongs to a new member, of another topic of the same name.
func (f *facts) replaced(client string, from, to time.Time) bool {
	looks := f.between(from.Add(-sweep), to)
	first, _ := looks[0].seat(client)
	last, _ := looks[len(looks)-1].seat(client)
	return first.id != last.id && looks[0].topicID != looks[len(looks)-1].topicID
}

// owns returns what contradicts that a client id owned exactly these partitions at about that time.
func (f *facts) owns(client string, ps []int32, from, to time.Time) error {
	want := sorted(ps)
	if f.shown(from, to, func(l look) bool { return slices.Equal(l.owned(client), want) }) || f.passed(client, want, from, to) {
		return nil
	}
	return fmt.Errorf("%s never owns %v then, but %s", client, want, f.seen(from, to, func(l look) string { return fmt.Sprint(l.owned(client)) }))
}

// passed reports whether a member of a cooperative group owned exactly these partitions between two looks: it had given
// up what it lacks in the second, and did not have yet what it lacks in the first.
func (f *facts) passed(client string, ps []int32, from, to time.Time) bool {
	looks := f.between(from, to)
	for i := 1; i < len(looks) && !eager(f.assignor); i++ {
		first, second := looks[i-1].owned(client), looks[i].owned(client)
		stays := slices.DeleteFunc(slices.Clone(first), func(p int32) bool { return !slices.Contains(second, p) })
		if covers(ps, stays) && covers(sorted(first, second), ps) && len(stays) > 0 {
			return true
		}
	}
	return false
}

// shown is like ever, but allows for what a script may hide from the observer.
func (f *facts) shown(from, to time.Time, fits func(look) bool) bool {
	return f.ever(from, to, fits) || f.hidden && (f.ever(from, to, look.blank) || f.anew(from, to))
}

// anew reports whether the topic was created again in that time.
func (f *facts) anew(from, to time.Time) bool {
	looks := f.between(from, to)
	return slices.ContainsFunc(looks, func(l look) bool { return l.topicID != looks[0].topicID })
}

// settling returns when the group was next seen stable, and at least a while after that moment: until then brokers show
// no assignment of a classic group.
func (f *facts) settling(at time.Time) time.Time {
	until := at.Add(slack)
	for _, l := range f.looks {
		if l.stable && l.began.After(at) {
			if l.ended.After(until) {
				until = l.ended
			}
			break
		}
	}
	return until
}

// late returns how much later than usual anything was seen in that time: as late as the observer's own looks.
func (f *facts) late(from, to time.Time) time.Duration {
	longest := time.Duration(0)
	looks := f.between(from, to)
	for i := 1; i < len(looks); i++ {
		longest = max(longest, looks[i].ended.Sub(looks[i-1].began))
	}
	return longest
}

// blank reports whether the look shows a rebalance of a classic group, of which brokers show no assignment.
func (l look) blank() bool {
	return !l.stable && !slices.ContainsFunc(l.seats, func(s seat) bool { return len(s.owned) > 0 })
}

// seen lists what successive looks show, without repetitions.
func (f *facts) seen(from, to time.Time, of func(look) string) string {
	var out []string
	for _, l := range f.between(from, to) {
		out = append(out, of(l))
	}
	return strings.Join(slices.Compact(out), ", then ")
}

// kept returns what contradicts that everything a member read of partitions was committed at a moment.
func (f *facts) kept(w *witness, instance int, ps []int32, at time.Time) error {
	var anew time.Time // what was read of an older topic of that name is not to be committed
	for i, l := range f.looks {
		if i > 0 && l.topicID != f.looks[i-1].topicID && l.began.Before(at) {
			anew = l.ended
		}
	}
	for _, p := range ps {
		next := int64(-1)
		for _, r := range w.reads {
			if r.instance == instance && r.partition == p && r.at.Before(at) && r.at.After(anew) {
				next = r.next
			}
		}
		if !f.ever(at, at.Add(slack), func(l look) bool { return l.commit(p) >= next }) {
			return fmt.Errorf("P%d was read up to %d, and the commit is %s", p, next,
				f.seen(at, at.Add(slack), func(l look) string { return fmt.Sprint(l.commit(p)) }))
		}
	}
	return nil
}

// about checks a duration in a sentence that depends on a few looks at the group.
func (f *facts) about(what string, said, truth time.Duration, at time.Time) error {
	if off, most := said-truth, slack+f.late(at.Add(-truth), at); off < -most || off > most {
		return fmt.Errorf("%s is %v, not %v", what, truth.Round(10*time.Millisecond), said.Round(10*time.Millisecond))
	}
	return nil
}

// silent checks for how long nothing was committed. The sentence may not claim more than the truth; it may claim less,
// by as much as the looks are apart that saw the last commit and the end.
func (f *facts) silent(said, truth time.Duration, at time.Time) error {
	if said < truth && said > truth-2*slack {
		return nil
	}
	return f.about("the silence", said, truth, at)
}

// atMost checks that a duration in a sentence is not too long.
func atMost(what string, said, truth time.Duration) error {
	if said > truth+slack {
		return fmt.Errorf("%s is at most %v, not %v", what, truth.Round(10*time.Millisecond), said.Round(10*time.Millisecond))
	}
	return nil
}

// moving returns for how long the group was changing in that time: the longest time that no look found it stable, and
// the time from the first change to the last.
func (f *facts) moving(from, to time.Time) (least, most time.Duration) {
	looks := f.between(from, to)
	var first, last, began time.Time
	for i := 1; i < len(looks); i++ {
		if looks[i].stable && looks[i].same(looks[i-1]) {
			continue
		}
		if first.IsZero() {
			first = looks[i-1].began
		}
		last = looks[i].ended
		if !looks[i].stable && looks[i-1].stable {
			began = looks[i].ended
		}
		if !looks[i].stable && !began.IsZero() {
			least = max(least, looks[i].began.Sub(began))
		}
	}
	return least, last.Sub(first)
}
