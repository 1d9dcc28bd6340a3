package game

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

const (
	faultWithin = 60 * time.Second
	spareFor    = 5 * time.Second
	sharpOver   = 100
	sharpPrec   = 0.99
	sharpRecall = 0.95
)

// A claim is a badge that a team has just met the conditions of.
type claim struct {
	team  *State
	badge string
	says  string // how, in a few words: "3 + 2"
	proof proof
}

// proof is the evidence that is stored with a badge.
type proof struct {
	State     string            `json:"state,omitempty"`
	Protocol  string            `json:"protocol,omitempty"`
	Members   []proofMember     `json:"members,omitempty"`
	Committed map[int32]int64   `json:"committed,omitempty"`
	End       []int64           `json:"end,omitempty"`
	EndBefore []int64           `json:"end_10s_before,omitempty"`
	Gone      *Gone             `json:"gone,omitempty"`
	Since     *workshop.Time    `json:"since,omitempty"`
	Behind    *Behind           `json:"behind,omitempty"`
	Actions   *Counts           `json:"actions,omitempty"`
	Precision *float64          `json:"precision,omitempty"`
	Recall    *float64          `json:"recall,omitempty"`
	Stats     map[string]string `json:"stats,omitempty"`
}

type proofMember struct {
	ID         string  `json:"id"`
	ClientID   string  `json:"client_id"`
	Host       string  `json:"host"`
	Partitions []int32 `json:"partitions"`
}

// claims are the badges about the group that this look proves.
func (l *look) claims() []claim {
	var out []claim
	add := func(badge, says string, p proof) { out = append(out, claim{l.State, badge, says, p}) }
	seen := l.proof()
	if l.Changed && slices.ContainsFunc(l.Members, func(m Seen) bool { return m.OnTopic && m.Missing.IsZero() }) {
		add(Connected, "", seen)
	}
	if !l.room.setup.Lesson.Actions && l.committedAboveStart() {
		p := seen
		p.Committed = l.committed()
		add(FirstLoad, "", p)
	}
	n := owners(l.Members)
	stable := l.group.State == "Stable" && l.settled && l.Changed
	if stable && n >= 2 {
		add(Scaled, sharesText(shares(l.Members)), seen)
	}
	all := stable && l.room.topic.fresh && len(l.room.topic.end) > 0 && len(ownership(l.Members)) >= len(l.room.topic.end)
	if all && n == len(l.room.topic.end) {
		add(FullHouse, sharesText(shares(l.Members)), seen)
	}
	if since, ok := l.spare(all, stable); ok {
		p := seen
		p.Since = since
		add(Spare, "", p)
	}
	if g := l.tookOver(); g != nil {
		p := seen
		p.Gone, p.Committed, p.End = g, l.committed(), l.room.topic.end
		add(FaultTolerant, partitionList(g.Partitions)+" taken over", p)
	}
	l.fallBehind()
	if l.caughtUp() {
		b := *l.Behind
		p := seen
		p.Behind, p.Committed, p.End, p.EndBefore = &b, l.committed(), l.room.topic.end, l.room.topic.before(l.at, catchUpAfter)
		add(LagBuster, fmt.Sprintf("from %d behind", b.Lag), p)
	}
	return out
}

func (l *look) proof() proof {
	p := proof{State: l.group.State, Protocol: l.group.Protocol}
	for _, m := range l.Members {
		p.Members = append(p.Members, proofMember{m.ID, m.ClientID, m.Host, m.Partitions})
	}
	return p
}

func (l *look) committed() map[int32]int64 {
	out := map[int32]int64{}
	for p, c := range l.commits {
		out[p] = c
	}
	return out
}

// committedAboveStart is First Load where there are no actions: a member's commit, not a hand's.
func (l *look) committedAboveStart() bool {
	if !l.Began || l.group.CommitErr != "" {
		return false
	}
	for p, c := range l.group.Committed {
		if c > l.room.round.StartOf(p) {
			return true
		}
	}
	return false
}

// spare keeps since when every partition is owned and somebody is left over.
func (l *look) spare(all, stable bool) (*workshop.Time, bool) {
	if stable && !l.room.topic.fresh {
		return nil, false // the number of partitions is missing: neither proof nor the end of one
	}
	left := slices.ContainsFunc(l.Members, func(m Seen) bool { return m.OnTopic && len(m.Partitions) == 0 })
	if !all || !left {
		l.SpareAt = time.Time{}
		return nil, false
	}
	if l.SpareAt.IsZero() || l.reset {
		l.SpareAt = l.at
	}
	since := workshop.At(l.SpareAt)
	return &since, l.at.Sub(l.SpareAt) >= spareFor
}

// tookOver is the first of those gone whose partitions the survivors own and go on with.
func (l *look) tookOver() *Gone {
	if !l.settled || l.group.State != "Stable" || l.group.CommitErr != "" || !l.room.topic.fresh {
		return nil
	}
	owner := ownership(l.Members)
	for i := range l.Gone {
		if g := &l.Gone[i]; l.at.Sub(g.At) <= faultWithin && g.Left != nil && l.goOn(g, owner) {
			return g
		}
	}
	return nil
}

func (l *look) goOn(g *Gone, owner map[int32]string) bool {
	for _, p := range g.Partitions {
		if !slices.Contains(g.Survivors, owner[p]) {
			return false
		}
		end := l.room.topic.endOf(p)
		left, had := g.Left[p]
		if !had {
			left = l.room.startOf(p)
		}
		left = l.room.topic.firstFrom(p, left)
		if now, ok := l.commits[p]; end < 0 || (end > left && (!ok || now <= left)) {
			return false
		}
	}
	return true
}

// claimsByWork are the badges about what the team did with the records.
func (t *State) claimsByWork(lesson workshop.Lesson) []claim {
	if !lesson.Actions {
		return nil
	}
	var out []claim
	w := t.work
	counts := w.counts()
	p := proof{Actions: &counts, Precision: w.precision(), Recall: w.recall()}
	if w.Accepted > 0 {
		out = append(out, claim{t, FirstLoad, "", p})
	}
	if !w.StatsAt.IsZero() {
		out = append(out, claim{t, StatsPublished, "", proof{Stats: map[string]string{"at": workshop.At(w.StatsAt).Format(workshop.TimeFormat)}}})
	}
	if w.Accepted+w.Rejected > sharpOver && *p.Precision >= sharpPrec && p.Recall != nil && *p.Recall >= sharpRecall {
		out = append(out, claim{t, Sharpshooter, fmt.Sprintf("precision %.2f, recall %.2f", *p.Precision, *p.Recall), p})
	}
	return out
}

func (w Work) counts() Counts {
	return Counts{w.Accepted, w.Rejected, w.Duplicate, w.Unverifiable, w.Earlier}
}

// precision is the share of verified actions that were right; nil before the first.
func (w Work) precision() *float64 {
	if w.Accepted+w.Rejected == 0 {
		return nil
	}
	v := float64(w.Accepted) / float64(w.Accepted+w.Rejected)
	return &v
}

// recall is the share of the users to be found that were; nil while there were none.
func (w Work) recall() *float64 {
	if w.Meeting == 0 {
		return nil
	}
	v := min(float64(w.Found)/float64(w.Meeting), 1)
	return &v
}

// award gives the badges that are new; teams that earn one in the same sweep share being first.
func (r *Room) award(won []claim, at time.Time, c *Changes) {
	first := map[string]bool{}
	for _, w := range won {
		if _, known := first[w.badge]; !known {
			first[w.badge] = !r.taken(w.badge)
		}
	}
	for _, w := range won {
		if w.team.has(w.badge) {
			continue
		}
		evidence, err := json.Marshal(w.proof)
		if err != nil {
			panic(fmt.Sprintf("evidence of %s cannot be written as JSON: %v", w.badge, err)) // no field of it can fail
		}
		a := Award{Round: r.round.Number, Team: w.team.team, Badge: w.badge, At: at, First: first[w.badge], Evidence: evidence}
		w.team.earned[w.badge] = &earned{Award: a}
		c.Awards = append(c.Awards, a)
		r.add(happened(at, a.Team, Won{w.team.name, a.Badge, a.First, w.says}), c)
		if w.badge == FaultTolerant {
			w.team.Gone = nil
		}
		if w.badge == LagBuster {
			w.team.Behind = nil
		}
	}
}

// taken reports whether a team has the badge, and nobody took it back.
func (r *Room) taken(badge string) bool {
	for _, t := range r.teams {
		if e := t.earned[badge]; e != nil && e.Removed == nil {
			return true
		}
	}
	return false
}
