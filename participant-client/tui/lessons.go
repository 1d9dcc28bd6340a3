package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"
)

// A saying is a sentence that teaches.
type saying struct {
	text  string
	until time.Time // when it makes way for the next; zero while it waits
}

// lessons says what just happened means, once each, at the moment it happens.
type lessons struct {
	assignor string
	interval time.Duration // between commits
	timeout  time.Duration // session timeout; 0 when the broker's rules

	said    map[string]bool
	queue   []saying
	change  change
	crashed time.Time // a member of ours, the last
	lanes   int
	since   time.Time // reading two lanes or more
}

func newLessons(c Config) *lessons {
	return &lessons{assignor: c.Assignor, interval: c.CommitInterval, timeout: c.SessionTimeout, said: map[string]bool{}}
}

const shown = 9 * time.Second

// say queues a sentence the first time that its key comes up, and reports whether it did.
func (l *lessons) say(key, format string, args ...any) bool {
	if l.said[key] {
		return false
	}
	l.said[key] = true
	l.queue = append(l.queue, saying{text: fmt.Sprintf(format, args...)})
	return true
}

// current is the sentence to show now; others wait for their turn.
func (l *lessons) current(now time.Time) string {
	for len(l.queue) > 0 {
		s := &l.queue[0]
		switch {
		case s.until.IsZero():
			s.until = now.Add(shown)
		case now.After(s.until):
			l.queue = l.queue[1:]
			continue
		}
		return s.text
	}
	return ""
}

// hear takes what happened.
func (l *lessons) hear(e member.Event, s *scene) {
	l.change.hear(e, s)
	switch e.Kind {
	case member.Assigned:
		if len(e.Owned) == 0 && !s.moving {
			l.idle(fmt.Sprintf("member %d is", e.Instance), s)
		}
	case member.Committed:
		l.committed(e)
	case member.Duplicate:
		text := "because they were not committed when the partition changed hands"
		if e.After == member.Crashed {
			text = "because they were not committed before the crash"
		} else if e.After == "rewound" {
			text = "because the group was sent back"
		}
		l.say("twice"+e.After, "%d records processed twice, %s: that is what at least once means.", e.Count, text)
	case member.Closed:
		if e.Reason == member.Crashed {
			l.crashed = e.At
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
	if own := s.own(); len(own) > n {
		who = fmt.Sprintf("You are the %s member of %s partitions:", ordinal(len(s.members)), cardinal(n))
	}
	l.say("idle", "%s idle. A partition has one owner in a group; the spare one waits for somebody to leave.", who)
}

// watch takes the scene as it is now: what shows only over time.
func (l *lessons) watch(s *scene) {
	if text, kind := l.change.settle(s, l); text != "" {
		l.say(kind, "%s", text)
	}
	if l.lanes > 0 && len(s.lanes) > l.lanes {
		l.say("grown", "The topic grew from %d to %d partitions: keys change lanes, and every group rebalances.", l.lanes, len(s.lanes))
	}
	if len(s.lanes) > 0 {
		l.lanes = len(s.lanes)
	}
	reading := 0
	for _, ln := range s.lanes {
		if ln.owner >= 0 && s.members[ln.owner].instance > 0 && ln.perSecond > 0 {
			reading++
		}
		if ln.quiet > 7*time.Second && ln.owner >= 0 && s.members[ln.owner].instance == 0 && !s.moving {
			l.say("silent", "P%d has not been committed for %.0f s: its owner may have crashed. The group waits for its session timeout.", ln.partition, ln.quiet.Seconds())
		}
	}
	if reading < 2 {
		l.since = s.now
	} else if l.said["next"] && s.now.Sub(l.since) > 20*time.Second {
		if l.say("sawtooth", "Lag goes up and down like a saw: it counts from the last commit, one each %s. Healthy is not 0.", l.interval) {
			return
		}
		if s.now.Sub(l.since) > 50*time.Second {
			l.say("order", "Records of two lanes come in any order: a topic has none, a partition has. A key puts one user's records in one lane.")
		}
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

// A change is one rebalance as it shows from here: several events, told once it is quiet.
type change struct {
	open    bool
	last    time.Time
	who     string // whose coming or going it was
	left    string // left, crashed or gone; empty for a coming
	stopped time.Duration
	before  []int32 // what members of ours owned, and own
	after   []int32
	kept    []int32
	first   bool // our own first one: nobody stopped
}

const quiet = 1500 * time.Millisecond

func (c *change) hear(e member.Event, s *scene) {
	name := e.Member.ClientID
	if e.Instance > 0 {
		name = fmt.Sprintf("member %d", e.Instance)
	}
	switch {
	case e.Kind == member.Assigned && e.First:
		if c.who == "" {
			c.who = name
		}
		c.first = len(s.own()) == 1 && len(s.members) <= 1
		c.after = append(c.after, e.Owned...)
	case e.Kind == member.Assigned:
		c.stopped = max(c.stopped, e.Pause)
		c.before, c.after = append(c.before, e.Before...), append(c.after, e.Owned...)
		for _, p := range e.Before {
			if slices.Contains(e.Owned, p) {
				c.kept = append(c.kept, p)
			}
		}
	case e.Kind == member.Joined && e.Instance == 0:
		c.who, c.left = name, ""
		if e.Gone {
			c.left = "gone"
		}
	case e.Kind == member.Closed:
		c.who, c.left = name, e.Reason
		if e.Reason == member.Crashed {
			return // the rebalance comes when the group finds out
		}
	default:
		return
	}
	c.open, c.last = true, e.At
}

// settle tells a rebalance that is over, and what kind it was.
func (c *change) settle(s *scene, l *lessons) (text, kind string) {
	if !c.open || s.moving || s.now.Sub(c.last) < quiet {
		return "", ""
	}
	was := *c
	*c = change{}
	got := slices.DeleteFunc(was.after, func(p int32) bool { return slices.Contains(was.before, p) })
	switch {
	case was.first || was.who == "":
		return "", ""
	case was.left == member.Crashed || (!l.crashed.IsZero() && len(got) > 0 && was.left == ""):
		if l.crashed.IsZero() || len(got) == 0 {
			return "", ""
		}
		text = fmt.Sprintf("%s came back %s after the crash, when the session timeout was over. A goodbye would have taken a second.", lanesNamed(got), report.Pause(was.last.Sub(l.crashed)))
		l.crashed = time.Time{}
		return text, "takeover"
	case was.left != "" && len(got) > 0:
		return fmt.Sprintf("%s left: you got %s and go on where it had committed, at once.", was.who, lanesNamed(got)), "left"
	case was.left != "":
		return "", ""
	case was.stopped == 0:
		return "", ""
	case l.assignor == member.CooperativeSticky || l.assignor == member.Server:
		return fmt.Sprintf("%s joined: only the lanes that moved stopped, you kept %s.", was.who, lanesNamed(was.kept)), "joined"
	case l.said["joined"]:
		return fmt.Sprintf("Every lane stopped for %s, also those that stayed: that is %s. Try it with --assignor cooperative-sticky.", report.Pause(was.stopped), l.assignor), "eager"
	}
	return fmt.Sprintf("%s joined: everyone stopped for %s, you kept %s.", was.who, report.Pause(was.stopped), lanesNamed(was.kept)), "joined"
}

func lanesNamed(partitions []int32) string {
	if len(partitions) == 0 {
		return "none"
	}
	var out []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(partitions))) {
		out = append(out, fmt.Sprintf("P%d", p))
	}
	return strings.Join(out, " ")
}
