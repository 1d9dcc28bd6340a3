package game

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
)

// Kinds of events.
const (
	Join       = "join"
	Leave      = "leave"
	Timeout    = "timeout"
	GoneKind   = "gone"
	Rebalance  = "rebalance"
	BadgeKind  = "badge"
	Instructed = "instructor"
)

// A Fact is what an Event tells, as a value that can be compared; its kind and its text follow from it and
// from nothing else. Members are named by the letter of their colour. An Event that was stored has none.
type Fact interface {
	kind() string
	text() string
}

// happened makes an Event of a fact.
func happened(at time.Time, team int, f Fact) Event {
	e := Event{At: workshop.At(at), Team: team}
	e.tell(f)
	return e
}

// tell makes the event tell this.
func (e *Event) tell(f Fact) {
	e.Fact, e.Kind, e.Text = f, f.kind(), f.text()
	switch won := f.(type) {
	case Won:
		e.Badge, e.Ticker = won.Badge, true
	case Revealed:
		e.Badge, e.Ticker = won.Badge, true
	}
}

// Joined is a member that was not there before.
type Joined struct {
	Member    string
	Host      string // without a port; empty when the broker does not tell
	Elsewhere bool   // it subscribes to other topics
}

func (Joined) kind() string { return Join }

func (f Joined) text() string {
	text := f.Member + " joined"
	if f.Host != "" {
		text += " from " + f.Host
	}
	if f.Elsewhere {
		text += ": it is subscribed elsewhere and owns nothing here"
	}
	return text
}

// Left is a member that said that it leaves.
type Left struct {
	Member string
	Handed []int32 // partitions of it that others had once the group had settled
}

func (Left) kind() string { return Leave }

func (f Left) text() string {
	if len(f.Handed) == 0 {
		return f.Member + " left"
	}
	return f.Member + " left, and handed " + partitionList(f.Handed) + " over at once"
}

// TimedOut is a member that had been silent before it was gone.
type TimedOut struct {
	Member string
	Silent time.Duration // records to read, and no commit
}

func (TimedOut) kind() string { return Timeout }

func (f TimedOut) text() string {
	return fmt.Sprintf("%s timed out: no commit for %.0f s, then its session was over", f.Member, f.Silent.Seconds())
}

// Vanished is a member that is gone, and nobody knows how.
type Vanished struct{ Member string }

func (Vanished) kind() string   { return GoneKind }
func (f Vanished) text() string { return f.Member + " is gone" }

// Rebalanced is who got what from whom.
type Rebalanced struct {
	Moves  []Move   // in the order of their text; none when everybody kept what it had
	Shares []int    // partitions of each owner, the most first
	Idle   []string // members of the topic that own nothing
	Owned  int      // partitions that have an owner
}

// A Move is of partitions from one member to another; empty for nobody.
type Move struct {
	Partitions []int32
	From, To   string
}

func (Rebalanced) kind() string { return Rebalance }

func (f Rebalanced) text() string {
	text := "rebalanced, and nothing moved: " + sharesText(f.Shares)
	if len(f.Moves) > 0 {
		parts := make([]string, len(f.Moves))
		for i, m := range f.Moves {
			parts[i] = m.text()
		}
		text = strings.Join(parts, ", ")
	}
	if len(f.Idle) > 0 && f.Owned > 0 {
		text += fmt.Sprintf("; %s idle: %d partitions have owners", strings.Join(f.Idle, " "), f.Owned)
	}
	return text
}

// text is "P3 P4: B → A", "P0–P4 → A" or "P0 without an owner".
func (m Move) text() string {
	switch list := partitionList(m.Partitions); {
	case m.To == "":
		return list + " without an owner"
	case m.From == "":
		return list + " → " + m.To
	default:
		return list + ": " + m.From + " → " + m.To
	}
}

// shares are how many partitions each owner has, the most first.
func shares(members []Seen) []int {
	var out []int
	for _, m := range members {
		if len(m.Partitions) > 0 {
			out = append(out, len(m.Partitions))
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(b, a) })
	return out
}

// sharesText is "3 + 2".
func sharesText(shares []int) string {
	switch {
	case len(shares) == 0:
		return "no owner"
	case len(shares) > 8:
		return fmt.Sprintf("%d owners", len(shares))
	}
	parts := make([]string, len(shares))
	for i, n := range shares {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, " + ")
}

// partitionList writes three or more in a row as P0–P4.
func partitionList(ps []int32) string {
	var out []string
	for i := 0; i < len(ps); {
		j := i
		for j+1 < len(ps) && ps[j+1] == ps[j]+1 {
			j++
		}
		if j-i >= 2 {
			out = append(out, fmt.Sprintf("P%d–P%d", ps[i], ps[j]))
		} else {
			for k := i; k <= j; k++ {
				out = append(out, "P"+strconv.Itoa(int(ps[k])))
			}
		}
		i = j + 1
	}
	return strings.Join(out, " ")
}
