package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

// lessons says what just happened means, once each, at the moment it happens.
type lessons struct {
	assignor string
	interval time.Duration // between commits; 0: after each batch
	timeout  time.Duration // session timeout; 0 when the broker's rules

	said    map[string]bool
	fresh   []string // said since they were last taken
	text    string   // what is shown, since at
	at      time.Time
	waiting []string
	now     time.Time
	change  change
	crashed time.Time // a member of ours, the last
	orphans []int32   // what it owned
	silent  time.Time // a colleague's, the last
	lanes   int
	since   time.Time // reading two lanes or more
	alone   time.Time // when one member last read alone
}

func newLessons(c Config) *lessons {
	return &lessons{assignor: c.Assignor, interval: c.CommitInterval, timeout: c.SessionTimeout, said: map[string]bool{}}
}

// How long a sentence is shown: until another has to be, and at most.
const (
	least = 4 * time.Second
	shown = 12 * time.Second
)

// patient are sentences that can wait for others; the rest are about what you see right now.
var patient = map[string]bool{"next": true, "resumed": true, "latest": true, "sawtooth": true, "order": true, "eager": true, "shared": true}

// say says a sentence the first time that its key comes up, and reports whether it did.
func (l *lessons) say(key, format string, args ...any) bool {
	if l.said[key] {
		return false
	}
	l.said[key] = true
	newest := fmt.Sprintf(format, args...)
	l.fresh = append(l.fresh, newest)
	age := l.now.Sub(l.at)
	switch {
	case patient[key] && l.text != "" && age < least:
		l.waiting = append(l.waiting, newest)
		return true
	case l.text != "" && age < least/2: // nobody has read it yet
		l.waiting = append([]string{l.text}, l.waiting...)
	}
	l.text, l.at = newest, l.now
	return true
}

// current is the sentence to show now, if any.
func (l *lessons) current(now time.Time) string {
	switch age := now.Sub(l.at); {
	case age >= least && len(l.waiting) > 0:
		l.text, l.at, l.waiting = l.waiting[0], now, l.waiting[1:]
	case age > shown:
		return ""
	}
	return l.text
}

// hear takes what happened.
func (l *lessons) hear(e member.Event, s *scene) {
	l.now = s.now
	l.change.hear(e, s)
	switch e.Kind {
	case member.Assigned:
		if len(e.Owned) == 0 && !s.moving {
			who := "You are"
			if len(s.own()) > 1 {
				who = fmt.Sprintf("member %d is", e.Instance)
			}
			l.idle(who, s)
		}
	case member.Committed:
		l.committed(e)
	case member.Duplicate:
		text := "because they were not committed when the partition changed hands"
		switch e.After {
		case member.Crashed:
			text = "because they were not committed before the crash"
		case "rewound":
			text = "because the group was sent back"
		}
		l.say("twice"+e.After, "%d records processed twice, %s: that is what at least once means.", e.Count, text)
	case member.Closed:
		if e.Reason == member.Crashed {
			l.crashed, l.orphans = e.At, e.Partitions
			wait := "until the broker's session timeout"
			if l.timeout > 0 {
				wait = fmt.Sprintf("until the session timeout (%s)", l.timeout)
			}
			l.say("crash", "member %d vanished with no goodbye: its lanes keep its colour and stay silent %s.", e.Instance, wait)
		}
	case member.Lost:
		l.say("lost", "member %d was given up by the group: whatever it had not committed is read again by others.", e.Instance)
	}
}

func (l *lessons) committed(e member.Event) {
	if !e.Resumed {
		for _, p := range e.Partitions {
			if at := e.Offsets[p]; at > 0 {
				l.say("next", "P%d committed at %d: the next record to read, not the last one read (%d).", p, at, at-1)
				return
			}
		}
		return
	}
	for _, p := range e.Partitions {
		if at := e.Offsets[p]; at > 0 {
			l.say("resumed", "P%d goes on at %d, where the group had committed: --from is only for groups without a commit.", p, at)
			return
		}
	}
	if e.From == "latest" {
		l.say("latest", "Waiting for new records: no commit yet, and --from latest.")
	}
}

func (l *lessons) idle(who string, s *scene) {
	n := len(s.group.Lanes)
	if n == 0 {
		return
	}
	l.say("idle", "%s the %s member of %s partitions: idle. A partition has one owner in a group; the spare one waits for somebody to go.",
		who, ordinal(max(len(s.members), n+1)), cardinal(n))
}

// watch takes the scene as it is now: what shows only over time.
func (l *lessons) watch(s *scene) {
	l.now = s.now
	if text, kind := l.change.settle(s, l); text != "" {
		l.say(kind, "%s", text)
	}
	if l.lanes > 0 && len(s.lanes) > l.lanes {
		l.say("grown", "The topic grew from %d to %d partitions: keys change lanes, and every group rebalances.", l.lanes, len(s.lanes))
	}
	if len(s.lanes) > 0 {
		l.lanes = len(s.lanes)
	}
	l.apart(s)
	for _, a := range s.members {
		if a.instance == 0 && len(a.elsewhere) > 0 {
			l.say("elsewhere", "%s is in the group, but reads %s: a group may be for several topics, and only who subscribes to this one shares it.", a.name, strings.Join(a.elsewhere, ", "))
			continue
		}
		if a.instance == 0 && len(a.partitions) == 0 && len(s.members) > len(s.lanes) && !s.moving {
			l.idle(a.name+" is", s)
		}
	}
	reading := 0
	for _, ln := range s.lanes {
		if ln.owner >= 0 && s.members[ln.owner].instance > 0 && ln.perSecond > 0 {
			reading++
		}
		if ln.quiet > 7*time.Second && ln.owner >= 0 && s.members[ln.owner].instance == 0 && !s.moving {
			l.silent = s.now
			l.say("silent", "P%d has not been committed for %.0f s: its owner may have crashed. The group waits for its session timeout.", ln.partition, ln.quiet.Seconds())
		}
	}
	if reading < 2 {
		l.since = s.now
	} else if l.said["next"] && s.now.Sub(l.since) > 20*time.Second {
		if l.interval > 0 && l.say("sawtooth", "Lag goes up and down like a saw: it counts from the last commit, one every %s. Healthy is not 0.", l.interval) {
			return
		}
		if s.now.Sub(l.since) > 50*time.Second {
			l.say("order", "Records of two lanes come in any order: a topic has none, a partition has. A key puts one user's records in one lane.")
		}
	}
}

// apart teaches that members split the records, once two have read side by side for a while.
func (l *lessons) apart(s *scene) {
	var owners []string
	for _, ln := range s.lanes {
		if ln.owner < 0 || ln.perSecond <= 0 || s.moving {
			continue
		}
		name := s.members[ln.owner].name
		if n := s.members[ln.owner].instance; n > 0 {
			name = fmt.Sprintf("member %d", n)
		}
		if !slices.Contains(owners, name) {
			owners = append(owners, name)
		}
	}
	switch {
	case len(owners) < 2:
		l.alone = s.now
	case s.now.Sub(l.alone) > 12*time.Second:
		l.say("shared", "%s reads none of the records that %s reads: a group shares them out. To see them all, tail reads in no group.", owners[0], owners[1])
	}
}

// did teaches what a key did.
func (l *lessons) did(what string) {
	switch what {
	case "pause":
		l.say("pause", "Paused: heartbeats go on, so the group sees nothing wrong and the lag grows.")
	case "slow":
		l.say("slow", "Slow: the group keeps a slow member. One in Java or Python would be thrown out after max.poll.interval.ms.")
	}
}

func ordinal(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprintf("%dth", n)
}

func cardinal(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}
