package game

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The queues lesson: a team's workers share its queue through a share group (KIP-932). The broker knows who is in the group,
// and how much of the topic is done; only the workers' own stats report which worker did it.

const (
	workingFor   = 10 * time.Second // since a worker's count last grew
	returnWithin = 60 * time.Second // from a worker's end to the first of its records that another worker accepted
	emptyEnough  = 20               // records of backlog
)

// A worker holds what is known of one worker's counts.
type worker struct {
	WorkerCounts
	heardAt time.Time        // when its last report arrived, by our clock
	grewAt  time.Time        // when Processed last grew; zero for never
	recent  growthOf         // of Processed
	others  map[string]int64 // how many redelivered records the other workers had accepted when this one last reported
}

// growthOf records a count over the last shareOver.
type growthOf []countAt

type countAt struct {
	at    time.Time
	count int64
}

func (g *growthOf) add(at time.Time, count int64) {
	*g = append(*g, countAt{at, count})
	for len(*g) > 2 && at.Sub((*g)[1].at) >= shareOver {
		*g = (*g)[1:]
	}
}

// by returns how much the count grew.
func (g growthOf) by() int64 {
	if len(g) == 0 {
		return 0
	}
	return g[len(g)-1].count - g[0].count
}

// A lostWorker did work and has vanished without a note. The group notices only after the session timeout, but its records
// return as soon as its connection breaks. So what counts is what others accepted again since its last report.
type lostWorker struct {
	id     string
	name   string
	at     time.Time // when the group noticed
	last   time.Time // when its last report arrived
	others map[string]int64
}

// recordWorkers applies the workers' reports.
func (t *teamState) recordWorkers(counts []WorkerCounts, at time.Time) {
	if t.workers == nil {
		t.workers = map[string]*worker{}
	}
	for _, c := range counts {
		if c.MemberID == "" {
			continue // its member is unknown
		}
		w := t.workers[c.MemberID]
		if w == nil {
			w = &worker{}
			t.workers[c.MemberID] = w
			w.recent.add(at, 0)
		}
		if c.Redelivered > w.Redelivered {
			t.againAt = at
		}
		if c.Processed > w.Processed {
			w.grewAt = at
			if w.heardAt.IsZero() {
				w.grewAt = earliest(c.At, at) // it may have been idle for long
			}
		}
		if !c.At.Equal(w.At) {
			w.heardAt = at
			w.others = map[string]int64{}
			for _, other := range counts {
				w.others[other.MemberID] = other.Redelivered
			}
		}
		w.WorkerCounts = c
		w.recent.add(at, c.Processed)
	}
}

// countDone replaces a share group's commits by the number of records done in each partition. Kafka moves the start offset of
// a share partition late, but counts each record.
func (u *groupUpdate) countDone() {
	for p, waiting := range u.group.Backlog {
		if end := u.room.topic.endOf(p); end >= 0 {
			u.group.Committed[p] = max(u.group.Committed[p], u.commits[p], end-waiting)
		}
	}
}

// working reports whether the worker's count has grown recently.
func (t *teamState) working(id string, now time.Time) bool {
	w := t.workers[id]
	return w != nil && !w.grewAt.IsZero() && now.Sub(w.grewAt) <= workingFor
}

// recordLostWorker records a worker that has vanished without announcing that it leaves.
func (t *teamState) recordLostWorker(m seenMember, at time.Time) {
	w := t.workers[m.ID]
	if w == nil || w.Processed == 0 {
		return
	}
	t.lost = append(t.lost[max(len(t.lost)-keptDepartures+1, 0):], lostWorker{m.ID, m.ClientID, at, w.heardAt, w.others})
}

// crewClaims returns the badges of the queues lesson that are proved now.
func (u *groupUpdate) crewClaims() []claim {
	var out []claim
	add := func(badge, how string, p proof) { out = append(out, claim{u.teamState, badge, how, p}) }
	seen := u.proof()
	here := func(m seenMember) bool { return m.OnTopic && m.Missing.IsZero() }

	if u.Changed && slices.ContainsFunc(u.Members, here) {
		add(Connected, "", seen)
	}

	working := 0
	for _, m := range u.Members {
		if here(m) && u.working(m.ID, u.at) {
			working++
		}
	}
	partitions := len(u.room.topic.end)
	if u.group.State == "Stable" && u.room.topic.fresh && partitions > 0 && working > partitions {
		p := seen
		p.Working = working
		add(Crew, fmt.Sprintf("%d workers on %d partitions", working, partitions), p)
	}

	if lost, by, n := u.returned(); lost != nil {
		p := seen
		p.Returned = &proofReturned{From: lost.name, To: by, Records: n}
		add(Redelivered, "", p)
	}

	rejected := int64(0)
	for _, w := range u.work.Workers {
		rejected += w.Rejected
	}
	if backlog, ok := u.lag(&u.room.topic); ok && rejected > 0 && backlog < emptyEnough && u.room.topic.fresh {
		p := seen
		p.Poison = &proofPoison{Rejected: rejected, Backlog: backlog}
		add(Poison, fmt.Sprintf("%d rejected", rejected), p)
	}
	return out
}

// returned finds a lost worker whose records another worker may have accepted, that is, one that has accepted redelivered
// records since the loss. No broker reports which worker had them before.
func (u *groupUpdate) returned() (lost *lostWorker, by string, records int64) {
	for i := range u.lost {
		l := &u.lost[i]
		if _, left := u.leaving[l.id]; left || u.at.Sub(l.at) > returnWithin {
			continue
		}
		for _, m := range u.Members {
			w := u.workers[m.ID]
			if w == nil || m.ID == l.id || !m.Missing.IsZero() {
				continue
			}
			if n := w.Redelivered - l.others[m.ID]; n > 0 && w.heardAt.After(l.last) {
				return l, m.ClientID, n
			}
		}
	}
	return nil, "", 0
}

// proofReturned is the evidence of records that came back after a worker vanished.
type proofReturned struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Records int64  `json:"records"`
}

// proofPoison is the evidence of poison that did not stop the queue.
type proofPoison struct {
	Rejected int64 `json:"rejected"`
	Backlog  int64 `json:"backlog"`
}

func (p proof) crew() string {
	var names []string
	for _, m := range p.Members {
		names = append(names, m.name())
	}
	return fmt.Sprintf("%d workers had accepted records within %.0f s, as they report: %s.", p.Working, workingFor.Seconds(), strings.Join(names, ", "))
}

func (p proof) returned() string {
	if p.Returned == nil {
		return ""
	}
	return fmt.Sprintf("%s was gone without leaving, and then %s reported %s that had been delivered before.",
		p.Returned.From, p.Returned.To, countOf(int(p.Returned.Records), "accepted record"))
}

func (p proof) poisonHandled() string {
	if p.Poison == nil {
		return ""
	}
	return fmt.Sprintf("Workers reported %s, and %s waited.", countOf(int(p.Poison.Rejected), "rejected record"), countOf(int(p.Poison.Backlog), "record"))
}

// A Beside is a team's consumer group on the topic that its share group reads: the same members' work under the other rules.
type Beside struct {
	Group   string   `json:"group"`
	State   string   `json:"state"`
	Members []Member `json:"members"` // by colour; a member without partitions is idle
}

// updateBeside applies what a sweep found of the consumer group. During a rebalance, the previous assignment stays.
func (u *groupUpdate) updateBeside() {
	g := u.group.Beside
	if g == nil || g.Err != "" || !g.settled() {
		return
	}

	var members []seenMember
	for _, f := range g.Members {
		m := seenMember{ID: f.ID, Colour: -1, OnTopic: f.OnTopic}
		if i := slices.IndexFunc(u.beside, func(old seenMember) bool { return old.ID == f.ID }); i >= 0 {
			m.Colour = u.beside[i].Colour
		}
		m.ClientID, m.Host, m.Partitions = f.ClientID, f.Host, slices.Clone(f.Partitions)
		members = append(members, m)
	}
	for i := range members {
		if members[i].Colour < 0 {
			members[i].Colour = freeColour(members)
		}
	}
	slices.SortStableFunc(members, func(a, b seenMember) int { return a.Colour - b.Colour })
	u.beside, u.besideState, u.besideAt = members, g.State, u.at
}

// besideRow returns the consumer group beside the share group, or nil while it has no members.
func (t *teamState) besideRow(name string) *Beside {
	if len(t.beside) == 0 {
		return nil
	}
	return &Beside{Group: name, State: t.besideState, Members: memberRows(nil, t.beside)}
}

// A Worker is one member of a share group on the board.
type Worker struct {
	MemberID    string  `json:"member_id"`
	ClientID    string  `json:"client_id"`
	Colour      int     `json:"colour"`
	Working     bool    `json:"working"`     // it accepted a record within the last 10 s
	Share       float64 `json:"share"`       // of what the team's workers accepted in the last 10 s, 0 to 1
	Processed   int64   `json:"processed"`   // accepted, as the worker reports
	Redelivered int64   `json:"redelivered"` // of these, those that had been delivered before
	Rejected    int64   `json:"rejected"`
}

// workerRows returns the members of a share group, with what they report.
func (t *teamState) workerRows(now time.Time) []Worker {
	out := []Worker{}
	total := int64(0)
	for _, m := range t.Members {
		row := Worker{MemberID: m.ID, ClientID: m.ClientID, Colour: m.Colour, Working: t.working(m.ID, now)}
		if w := t.workers[m.ID]; w != nil {
			row.Processed, row.Redelivered, row.Rejected = w.Processed, w.Redelivered, w.Rejected
			if row.Working {
				row.Share = float64(w.recent.by())
				total += w.recent.by()
			}
		}
		out = append(out, row)
	}
	for i := range out {
		if total > 0 {
			out[i].Share /= float64(total)
		}
	}
	return out
}
