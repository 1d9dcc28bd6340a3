package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"
)

// A change is one rebalance as it shows from here: several events, told once it is quiet.
type change struct {
	open    bool
	began   time.Time
	last    time.Time
	who     string // whose coming or going it was
	left    string // left or gone; empty for a coming
	stopped time.Duration
	before  []int32 // what members of ours owned, and own
	after   []int32
	kept    []int32
	first   bool // our own first one: nobody stopped
}

const quiet = 1500 * time.Millisecond

func (c *change) hear(e member.Event, s *scene) {
	name := clean(e.Member.ClientID)
	if e.Instance > 0 {
		name = fmt.Sprintf("member %d", e.Instance)
	}
	switch {
	case e.Kind == member.Assigned && e.First:
		c.who, c.left = name, ""
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
	case e.Kind == member.Closed && e.Reason != member.Crashed: // a crash shows when the group finds out
		c.who, c.left = name, e.Reason
	default:
		return
	}
	if !c.open {
		c.open, c.began = true, e.At
	}
	c.last = e.At
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
	case !l.crashed.IsZero() && was.began.After(l.crashed) && was.left == "" && len(got) > 0:
		took := report.Pause(was.last.Sub(l.crashed))
		back := l.orphans
		if len(back) == 0 {
			back = got
		}
		l.crashed = time.Time{}
		return fmt.Sprintf("%s came back %s after the crash, when the session timeout was over. A goodbye would have taken a second.", lanesNamed(back), took), "takeover"
	case was.first || was.who == "":
		return "", ""
	case was.left == "gone" && len(got) > 0 && s.now.Sub(l.silent) < 8*time.Second:
		return fmt.Sprintf("%s was silent too long and is out of the group: you got %s and go on at its last commit.", was.who, lanesNamed(got)), "timeout"
	case was.left != "" && len(got) > 0:
		return fmt.Sprintf("%s left: you got %s and go on where it had committed, at once.", was.who, lanesNamed(got)), "left"
	case was.left != "":
		return "", ""
	case was.stopped < 20*time.Millisecond: // several that start together
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
