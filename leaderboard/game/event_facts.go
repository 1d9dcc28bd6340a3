package game

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// memberJoined reports a member that was not in the group before.
type memberJoined struct {
	Member    string
	Host      string // without a port; empty if the broker does not report it
	Elsewhere bool   // it subscribes to other topics only
}

func (memberJoined) kind() string { return KindJoin }

func (f memberJoined) text() string {
	text := f.Member + " joined"
	if f.Host != "" {
		text += " from " + f.Host
	}
	if f.Elsewhere {
		text += ": it subscribes to another topic and owns nothing here"
	}
	return text
}

// memberLeft reports a member whose client announced that it leaves.
type memberLeft struct {
	Member string
	Handed []int32 // its partitions that others owned once the group was stable
}

func (memberLeft) kind() string { return KindLeave }

func (f memberLeft) text() string {
	if len(f.Handed) == 0 {
		return f.Member + " left"
	}
	return f.Member + " left and handed over " + partitionList(f.Handed) + " at once"
}

// memberTimedOut reports a member that stopped committing before it was gone.
type memberTimedOut struct {
	Member string
	Silent time.Duration // without a commit while there were records to read
}

func (memberTimedOut) kind() string { return KindTimeout }

func (f memberTimedOut) text() string {
	return fmt.Sprintf("%s timed out: no commit for %.0f s, then its session expired", f.Member, f.Silent.Seconds())
}

// memberVanished reports a member that is gone for an unknown reason.
type memberVanished struct{ Member string }

func (memberVanished) kind() string   { return KindGone }
func (f memberVanished) text() string { return f.Member + " is gone" }

// groupRebalanced reports which partitions moved between which members.
type groupRebalanced struct {
	Moves  []move   // in the order of the text; empty if every member kept its partitions
	Shares []int    // number of partitions of each owner, the largest first
	Idle   []string // members on the topic that own nothing
	Owned  int      // partitions that have an owner
}

// A move takes partitions from one member to another; an empty name means nobody.
type move struct {
	Partitions []int32
	From, To   string
}

// nothingMoved is the start of the text of a rebalance that moved no partition.
const nothingMoved = "rebalanced, nothing moved"

func (groupRebalanced) kind() string { return KindRebalance }

func (f groupRebalanced) text() string {
	text := nothingMoved + ": " + sharesText(f.Shares)
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

// text returns "P3 P4: B → A", "P0–P4 → A" or "P0 without an owner".
func (m move) text() string {
	switch list := partitionList(m.Partitions); {
	case m.To == "":
		return list + " without an owner"
	case m.From == "":
		return list + " → " + m.To
	default:
		return list + ": " + m.From + " → " + m.To
	}
}

// shares returns the number of partitions of each owner, the largest first.
func shares(members []seenMember) []int {
	var out []int
	for _, m := range members {
		if len(m.Partitions) > 0 {
			out = append(out, len(m.Partitions))
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(b, a) })
	return out
}

// sharesText formats shares as "3 + 2".
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

// partitionList formats partitions as "P0 P2", and three or more in a row as "P0–P4".
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
