package game

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	causeWithin = 20 * time.Second // a rebalance that ends later has another cause
	crowdWithin = 10 * time.Second // changes of several teams within this time share a line
	crowd       = 3                // up to this many teams get a line each; more share one
	maxSigns    = 4                // members named in a line
	maxMoves    = 2                // moves named in a line
)

// ticker returns the latest notable events, the newest last, without badges that are not stored yet. Each team has one line
// about its members; teams with the same news at about the same time share a line.
func (r *Room) ticker() []Event {
	var out []Event
	var news []*memberNews
	of := map[int]*memberNews{}
	for _, e := range slices.Backward(r.log) {
		switch {
		case !e.Ticker || !r.visible(e) || r.team(e.Team) == nil:
		case e.Badge != "":
			if len(out) < tickerSize {
				out = append(out, e)
			}
		case of[e.Team] == nil:
			n := &memberNews{newest: e}
			n.add(e)
			of[e.Team] = n
			news = append(news, n)
		default:
			of[e.Team].add(e)
		}
	}

	out = append(out, r.memberLines(news)...)
	slices.SortStableFunc(out, func(a, b Event) int { return cmp.Compare(b.ID, a.ID) })
	out = out[:min(len(out), tickerSize)]
	slices.Reverse(out)
	return out
}

// memberLines returns the lines about members, the newest first.
func (r *Room) memberLines(news []*memberNews) []Event {
	alike := map[string][]*memberNews{}
	for _, n := range news {
		kind := n.kind()
		if all := alike[kind]; len(all) == 0 || all[0].newest.At.Sub(n.newest.At.Time) <= crowdWithin {
			alike[kind] = append(all, n)
		}
	}

	var out []Event
	for _, n := range news {
		all := alike[n.kind()]
		crowded := len(all) > crowd && slices.Contains(all, n)
		line := n.newest
		switch {
		case crowded && n != all[0]:
			continue
		case crowded:
			line.Team, line.Text = 0, fmt.Sprintf(crowdTexts[n.kind()], len(all))
		default:
			text := n.text()
			if text == "" {
				continue
			}
			line.Text = r.team(n.newest.Team).name + ": " + text
		}
		out = append(out, line)
	}
	return out
}

var crowdTexts = map[string]string{
	KindJoin:      "%d teams have new members",
	KindLeave:     "members of %d teams left",
	KindTimeout:   "members of %d teams timed out",
	KindGone:      "members of %d teams are gone",
	KindRebalance: "%d teams rebalanced",
}

// memberNews is the latest change of a team's members: who joined or left, and what moved as a result.
type memberNews struct {
	newest Event
	moved  *Event  // the rebalance; nil while it is in progress
	causes []Event // the newest first
	closed bool    // older events belong to an earlier change
}

// add adds the next older event.
func (n *memberNews) add(e Event) {
	if n.closed || n.newest.At.Sub(e.At.Time) > causeWithin {
		n.closed = true
		return
	}
	if e.Kind != KindRebalance {
		n.causes = append(n.causes, e)
		return
	}
	if n.moved != nil || len(n.causes) > 0 {
		n.closed = true
		return
	}
	n.moved = &e
}

// kind returns the kind of the change's first cause.
func (n *memberNews) kind() string {
	if len(n.causes) > 0 {
		return n.causes[len(n.causes)-1].Kind
	}
	return KindRebalance
}

// text returns a sentence without its full stop: "B timed out, P3 P4 go to A, paused 1.2 s".
func (n *memberNews) text() string {
	parts := n.causeTexts()
	if n.moved != nil {
		moves := n.moveTexts()
		if ms := n.moved.PauseMS; ms != nil && len(moves) > 0 {
			moves = append(moves, PauseText(*ms))
		}
		parts = append(parts, moves...)
	}
	return strings.Join(parts, ", ")
}

// PauseText describes how long a group paused: "paused 1.2 s".
func PauseText(ms int64) string {
	if ms < 100 {
		return "paused under 0.1 s"
	}
	return fmt.Sprintf("paused %.1f s", float64(ms)/1000)
}

// causeTexts describes who joined and who left, in order of time.
func (n *memberNews) causeTexts() []string {
	var kinds []string
	signs := map[string][]string{}
	for _, e := range slices.Backward(n.causes) {
		if !slices.Contains(kinds, e.Kind) {
			kinds = append(kinds, e.Kind)
		}
		sign, _, _ := strings.Cut(e.Text, " ") // every text about a member begins with its letter
		signs[e.Kind] = append(signs[e.Kind], sign)
	}

	var out []string
	for _, kind := range kinds {
		who := signs[kind]
		name := strings.Join(who, " ")
		if len(who) > maxSigns {
			name = fmt.Sprintf("%d members", len(who))
		}
		out = append(out, name+" "+cameOrWent(kind, len(who)))
	}
	return out
}

func cameOrWent(kind string, members int) string {
	switch {
	case kind == KindJoin:
		return "joined"
	case kind == KindLeave:
		return "left"
	case kind == KindTimeout:
		return "timed out"
	case members > 1:
		return "are gone"
	}
	return "is gone"
}

// moveTexts describes what a rebalance moved. Of an event loaded from the store, only the text is left.
func (n *memberNews) moveTexts() []string {
	f, ok := n.moved.fact.(groupRebalanced)
	if !ok {
		text, _, _ := strings.Cut(n.moved.Text, ";")
		if strings.HasPrefix(text, nothingMoved) {
			return nil
		}
		return []string{"partitions moved"}
	}

	var out []string
	partitions := 0
	for _, m := range f.Moves {
		partitions += len(m.Partitions)
		out = append(out, m.line())
	}
	if len(out) > maxMoves {
		out = []string{fmt.Sprintf("%d partitions moved", partitions)}
	}
	if who := len(f.Idle); f.Owned > 0 && who == 1 {
		out = append(out, f.Idle[0]+" is idle")
	} else if f.Owned > 0 && who > 1 {
		out = append(out, fmt.Sprintf("%d members are idle", who))
	}
	return out
}

// line returns a move as a clause: "P3 P4 go from B to A".
func (m move) line() string {
	verbs := [2]string{"goes", "has"}
	if len(m.Partitions) > 1 {
		verbs = [2]string{"go", "have"}
	}
	switch list := partitionList(m.Partitions); {
	case m.To == "":
		return list + " " + verbs[1] + " no owner"
	case m.From == "":
		return list + " " + verbs[0] + " to " + m.To
	default:
		return list + " " + verbs[0] + " from " + m.From + " to " + m.To
	}
}
