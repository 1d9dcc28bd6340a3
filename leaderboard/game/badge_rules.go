package game

import (
	"encoding/json"
	"fmt"
	"maps"
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

// A claim is a badge whose conditions a team has just met.
type claim struct {
	team  *teamState
	badge string
	how   string // in a few words: "3 + 2"; may be empty
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
	Gone      *goneMember       `json:"gone,omitempty"`
	Since     *workshop.Time    `json:"since,omitempty"`
	Behind    *behind           `json:"behind,omitempty"`
	Actions   *Counts           `json:"actions,omitempty"`
	Precision *float64          `json:"precision,omitempty"`
	Recall    *float64          `json:"recall,omitempty"`
	Stats     map[string]string `json:"stats,omitempty"`
	Foreseen  []int64           `json:"foreseen,omitempty"`
	Working   int               `json:"working,omitempty"`
	Returned  *proofReturned    `json:"returned,omitempty"`
	Poison    *proofPoison      `json:"poison,omitempty"`
	Counts    *proofCounts      `json:"counts,omitempty"`
}

type proofMember struct {
	ID         string  `json:"id"`
	ClientID   string  `json:"client_id"`
	Host       string  `json:"host"`
	Partitions []int32 `json:"partitions"`
}

// claims returns the badges about the group that this answer proves and the team does not have yet.
func (u *groupUpdate) claims() []claim {
	if u.room.setup.Lesson.Share {
		return u.crewClaims()
	}

	var out []claim
	add := func(badge string, more func(*claim)) {
		if u.has(badge) {
			return
		}
		c := claim{team: u.teamState, badge: badge, proof: u.proof()}
		if more != nil {
			more(&c)
		}
		out = append(out, c)
	}
	sizes := func(c *claim) { c.how = sharesText(shares(u.Members)) }

	if u.Changed && slices.ContainsFunc(u.Members, func(m seenMember) bool { return m.OnTopic && m.Missing.IsZero() }) {
		add(Connected, nil)
	}
	if !u.room.setup.Lesson.Actions && u.committedAboveStart() {
		add(FirstLoad, func(c *claim) { c.proof.Committed = maps.Clone(u.commits) })
	}

	n := owners(u.Members)
	stable := u.group.State == "Stable" && u.settled && u.Changed
	if stable && n >= 2 {
		add(Scaled, sizes)
	}
	all := stable && u.room.topic.fresh && len(u.room.topic.end) > 0 && owned(u.Members) >= len(u.room.topic.end)
	if all && n == len(u.room.topic.end) {
		add(FullHouse, sizes)
	}
	if since, ok := u.spareSince(all, stable); ok {
		add(Spare, func(c *claim) { c.proof.Since = since })
	}

	if g := u.tookOver(); g != nil {
		add(FaultTolerant, func(c *claim) {
			c.how = partitionList(g.Partitions) + " taken over"
			c.proof.Gone = g
			c.proof.Committed, c.proof.End = maps.Clone(u.commits), u.room.topic.end
		})
	}

	u.armLagBuster()
	if u.caughtUp() {
		b := *u.Behind
		add(LagBuster, func(c *claim) {
			c.how = fmt.Sprintf("from %d behind", b.Lag)
			c.proof.Behind = &b
			c.proof.Committed, c.proof.End = maps.Clone(u.commits), u.room.topic.end
			c.proof.EndBefore = u.room.topic.endsBefore(u.at, catchUpAfter)
		})
	}
	return out
}

func (u *groupUpdate) proof() proof {
	p := proof{State: u.group.State, Protocol: u.group.Protocol}
	for _, m := range u.Members {
		p.Members = append(p.Members, proofMember{m.ID, m.ClientID, m.Host, m.Partitions})
	}
	return p
}

// committedAboveStart is the condition of First Load in a lesson without actions: a member has committed, and nobody set the
// offsets by hand.
func (u *groupUpdate) committedAboveStart() bool {
	if !u.Began || u.group.CommitErr != "" {
		return false
	}
	for p, c := range u.group.Committed {
		if c > u.room.round.StartOf(p) {
			return true
		}
	}
	return false
}

// spareSince tracks since when every partition has had an owner while a member was left over; ok reports whether that is long
// enough.
func (u *groupUpdate) spareSince(all, stable bool) (since *workshop.Time, ok bool) {
	if stable && !u.room.topic.fresh {
		return nil, false // the number of partitions is unknown now: keep the last state
	}
	left := slices.ContainsFunc(u.Members, func(m seenMember) bool { return m.OnTopic && len(m.Partitions) == 0 })
	if !all || !left {
		u.SpareAt = time.Time{}
		return nil, false
	}
	if u.SpareAt.IsZero() || u.reset {
		u.SpareAt = u.at
	}
	at := workshop.At(u.SpareAt)
	return &at, u.at.Sub(u.SpareAt) >= spareFor
}

// tookOver returns the first gone member whose partitions the survivors own and read on.
func (u *groupUpdate) tookOver() *goneMember {
	if !u.settled || u.group.State != "Stable" || u.group.CommitErr != "" || !u.room.topic.fresh {
		return nil
	}
	for i := range u.Gone {
		if g := &u.Gone[i]; u.at.Sub(g.At) <= faultWithin && g.Left != nil && u.survivorsContinue(g) {
			return g
		}
	}
	return nil
}

// survivorsContinue reports whether survivors own every partition of the gone member and have committed in each that has
// records beyond its last commit.
func (u *groupUpdate) survivorsContinue(g *goneMember) bool {
	for _, p := range g.Partitions {
		if m := ownerOf(u.Members, p); m == nil || !slices.Contains(g.Survivors, m.ID) {
			return false
		}

		end := u.room.topic.endOf(p)
		left, had := g.Left[p]
		if !had {
			left = u.room.startOffset(p)
		}
		left = u.room.topic.firstFrom(p, left)
		if now, ok := u.commits[p]; end < 0 || (end > left && (!ok || now <= left)) {
			return false
		}
	}
	return true
}

// workClaims returns the badges for the team's actions and stats.
func (t *teamState) workClaims(lesson workshop.Lesson) []claim {
	if !lesson.Actions {
		return nil
	}

	w := t.work
	counts := w.counts()
	p := proof{Actions: &counts, Precision: w.precision(), Recall: w.recall()}
	var out []claim
	if w.Accepted > 0 {
		out = append(out, claim{t, FirstLoad, "", p})
	}
	if !w.StatsAt.IsZero() {
		at := workshop.At(w.StatsAt).Format(workshop.TimeFormat)
		out = append(out, claim{t, StatsPublished, "", proof{Stats: map[string]string{"at": at}}})
	}
	if w.Accepted+w.Rejected > sharpOver && *p.Precision >= sharpPrec && p.Recall != nil && *p.Recall >= sharpRecall {
		out = append(out, claim{t, Sharpshooter, fmt.Sprintf("precision %.2f, recall %.2f", *p.Precision, *p.Recall), p})
	}
	return out
}

func (w Work) counts() Counts {
	return Counts{w.Accepted, w.Rejected, w.Duplicate, w.Unverifiable, w.Earlier}
}

// precision returns the share of verified actions that were right; nil before the first.
func (w Work) precision() *float64 {
	if w.Accepted+w.Rejected == 0 {
		return nil
	}
	v := float64(w.Accepted) / float64(w.Accepted+w.Rejected)
	return &v
}

// recall returns the share of matching users that the team found; nil if there are none yet.
func (w Work) recall() *float64 {
	if w.Meeting == 0 {
		return nil
	}
	v := min(float64(w.Found)/float64(w.Meeting), 1)
	return &v
}

// award awards the claimed badges that are new. Teams that earn a badge in the same sweep share first place.
func (r *Room) award(claims []claim, at time.Time, c *Changes) {
	first := map[string]bool{}
	for _, w := range claims {
		if _, known := first[w.badge]; !known {
			first[w.badge] = !r.taken(w.badge)
		}
	}

	for _, w := range claims {
		if w.team.has(w.badge) {
			continue
		}
		evidence, err := json.Marshal(w.proof)
		if err != nil {
			panic(fmt.Sprintf("encode evidence of %s: %v", w.badge, err)) // none of its fields can fail
		}
		a := Award{Round: r.round.Number, Team: w.team.team, Badge: w.badge, At: at, First: first[w.badge], Evidence: evidence}
		w.team.earned.add(a, false)
		c.Awards = append(c.Awards, a)
		r.addEvent(newEvent(at, a.Team, badgeWon{w.team.name, a.Badge, a.First, w.how}), c)

		switch w.badge {
		case FaultTolerant:
			w.team.Gone = nil
		case LagBuster:
			w.team.Behind = nil
		}
	}
}

// taken reports whether a team has the badge. A removed badge does not count.
func (r *Room) taken(badge string) bool {
	for _, t := range r.teams {
		if e := t.earned.of(badge); e != nil && e.Removed == nil {
			return true
		}
	}
	return false
}
