package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// shown is what one of the two boards last showed of a team, for its versions.
type shown struct {
	team    Team
	version uint64
	ticks   uint64
}

const (
	truth  = 0
	public = 1
)

// Boards are what the room sees and what is true; they differ while the board is frozen. Neither
// is changed by what the Room does later.
func (r *Room) Boards() (room, real Board) {
	standings := make([]Standing, len(r.teams))
	for i, t := range r.teams {
		standings[i] = t.standing()
	}
	ranks := Ranks(standings)
	real = r.frame()
	room = real
	room.Teams = make([]Team, len(r.teams))
	real.Teams = make([]Team, len(r.teams))
	real.Ticker = r.ticker()
	room.Ticker = real.Ticker
	if r.frozen != nil {
		room.Ticker = r.told()
		if real.Reveal != nil {
			room.Reveal = &Revealing{Step: real.Reveal.Step, Steps: real.Reveal.Steps, Playing: real.Reveal.Playing}
		}
	}
	for i, t := range r.teams {
		team := r.row(t, standings[i], ranks[t.team])
		real.Teams[i] = t.versioned(truth, r.epoch, team)
		if r.frozen != nil {
			team = r.over(team)
		}
		room.Teams[i] = t.versioned(public, r.epoch, team)
	}
	return room, real
}

// frame is a board without its teams.
func (r *Room) frame() Board {
	b := Board{
		Round: r.round.Number, Lesson: r.setup.Lesson.Name, AsOf: workshop.At(r.asOf), Frozen: r.frozen != nil, Reveal: r.Revealing(), Message: r.message,
		Topic: r.setup.Topic(), Partitions: len(r.topic.end), RecordsPerSecond: round1(r.topic.rate()),
		Load: r.load, Badges: Badges(r.setup.Lesson), Evicted: r.scores.Evicted,
	}
	if b.Partitions == 0 {
		b.Partitions = r.setup.Lesson.Partitions
	}
	return b
}

func round1(v float64) float64 { return float64(int64(v*10+0.5)) / 10 }

// ticker is the latest notable events, without badges that are not stored yet.
func (r *Room) ticker() []Event {
	var out []Event
	for _, e := range slices.Backward(r.log) {
		if e.Ticker && r.visible(e) {
			out = append(out, e)
		}
		if len(out) == tickerSize {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// visible hides the news of a badge that is not stored yet.
func (r *Room) visible(e Event) bool {
	if e.Kind != BadgeKind {
		return true
	}
	t := r.team(e.Team)
	if t == nil {
		return true
	}
	won := t.earned[e.Badge]
	return won == nil || won.stored
}

// Log is the latest events of all teams.
func (r *Room) Log() []Event {
	if !slices.ContainsFunc(r.log, func(e Event) bool { return !r.visible(e) }) {
		return r.log
	}
	return slices.DeleteFunc(slices.Clone(r.log), func(e Event) bool { return !r.visible(e) })
}

// Strangers are the groups that are nobody's.
func (r *Room) Strangers() []Stranger { return r.strays }

// Behind is how many records scoring has yet to read.
func (r *Room) Behind() int64 { return r.scores.Behind }

func (r *Room) row(t *State, s Standing, rank int) Team {
	w := t.work
	out := Team{
		Team: t.team, Name: t.name, Group: r.setup.Group(t.team), Rank: rank, Points: s.Points,
		Badges: t.badges(), State: t.Group, Members: []Member{}, MoreMembers: t.more, Committed: t.committedRows(&r.topic),
		ProcessedPerSecond: round1(t.speed.perSecond()), Actions: w.counts(), Precision: w.precision(), Recall: w.recall(),
		Events: t.events, Rejected: w.Rejections, Says: Says{w.Processed, w.Flagged}, Moving: t.moving, Notes: t.notes(r.asOf, r.round.Began),
	}
	if out.State == "" {
		out.State = "NotJoined"
	}
	if t.Protocol != "" && out.State != "NotJoined" {
		p := t.Protocol
		out.Protocol = &p
	}
	if at := earliest(t.staleAt, r.topic.staleAt); !at.IsZero() {
		since := workshop.At(at)
		out.StaleSince = &since
	}
	if lag, ok := t.lag(&r.topic); ok {
		out.Lag = &lag
	}
	for _, m := range t.Members {
		ps := m.Partitions
		if ps == nil {
			ps = []int32{}
		}
		out.Members = append(out.Members, Member{m.ID, m.ClientID, m.Host, m.Colour, ps})
	}
	if slices.ContainsFunc(out.Events, func(e Event) bool { return !r.visible(e) }) {
		out.Events = slices.DeleteFunc(slices.Clone(out.Events), func(e Event) bool { return !r.visible(e) })
	}
	return out
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// badges are those stored and not taken back, in the order of the rules.
func (t *State) badges() []Earned {
	out := []Earned{}
	for _, b := range badges {
		if e := t.earned[b.ID]; e != nil && e.stored && e.Removed == nil {
			out = append(out, Earned{b.ID, b.Icon, workshop.At(e.At), e.First})
		}
	}
	return out
}

func (t *State) committedRows(k *topic) []Commit {
	out := []Commit{}
	for p, end := range k.end {
		row := Commit{Partition: int32(p), End: max(end, 0), Start: k.firstFrom(int32(p), 0)}
		if c, ok := t.commits[int32(p)]; ok {
			row.Committed = &c
		}
		out = append(out, row)
	}
	return out
}

// versioned numbers the row: Version moves with what a viewer looks at, Ticks with its figures.
func (t *State) versioned(which int, epoch uint64, now Team) Team {
	was := &t.shown[which]
	if was.version == 0 {
		was.version, was.ticks = epoch, epoch
	}
	if !sameFace(was.team, now) {
		was.version++
	}
	if !sameFigures(was.team, now) {
		was.ticks++
	}
	now.Version, now.Ticks = was.version, was.ticks
	was.team = now
	return now
}

func sameFace(a, b Team) bool {
	return a.Name == b.Name && a.Group == b.Group && a.Turn == b.Turn && a.Rank == b.Rank && a.Points == b.Points && a.State == b.State && a.MoreMembers == b.MoreMembers &&
		slices.Equal(a.Moving, b.Moving) && same(a.Protocol, b.Protocol) && same(a.StaleSince, b.StaleSince) &&
		slices.Equal(a.Badges, b.Badges) && slices.EqualFunc(a.Members, b.Members, sameMember) &&
		slices.EqualFunc(a.Events, b.Events, sameEvent) && slices.Equal(a.Rejected, b.Rejected) && slices.Equal(a.Notes, b.Notes)
}

func sameMember(a, b Member) bool {
	return a.MemberID == b.MemberID && a.ClientID == b.ClientID && a.Host == b.Host && a.Colour == b.Colour && slices.Equal(a.Partitions, b.Partitions)
}

func sameEvent(a, b Event) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Text == b.Text && same(a.PauseMS, b.PauseMS)
}

func sameFigures(a, b Team) bool {
	return same(a.Lag, b.Lag) && a.ProcessedPerSecond == b.ProcessedPerSecond && a.Actions == b.Actions && a.Says == b.Says &&
		same(a.Precision, b.Precision) && same(a.Recall, b.Recall) &&
		slices.EqualFunc(a.Committed, b.Committed, func(x, y Commit) bool {
			return x.Partition == y.Partition && x.End == y.End && x.Start == y.Start && same(x.Committed, y.Committed)
		})
}

func same[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

// freeze is what the room is to go on seeing of the score.
func (r *Room) freeze(at time.Time) *Frozen {
	_, real := r.Boards()
	f := &Frozen{At: at, Event: r.nextID, Teams: map[int]FrozenRow{}, Ticker: real.Ticker}
	for _, t := range real.Teams {
		f.Teams[t.Team] = FrozenRow{t.Rank, t.Points, t.Badges, t.Actions, t.Precision, t.Recall, t.Says, t.Rejected}
	}
	return f
}

// over puts what was frozen over a row that lives on: joins and rebalances are seen in the lanes
// anyway, what tells of the score is not.
func (r *Room) over(t Team) Team {
	row, ok := r.scene.rows[t.Team]
	if !ok { // a team that was added since has nothing
		row = FrozenRow{Rank: len(r.scene.rows) + t.Team, Badges: []Earned{}}
	}
	t.Turn = r.scene.turn(r.frozen) == t.Team
	t.Rank, t.Points, t.Badges, t.Actions = row.Rank, row.Points, row.Badges, row.Actions
	t.Precision, t.Recall, t.Says, t.Rejected = row.Precision, row.Recall, row.Says, row.Rejected
	t.Events = slices.DeleteFunc(slices.Clone(t.Events), func(e Event) bool {
		return (e.Kind == BadgeKind || e.Kind == Instructed) && e.ID >= r.frozen.Event
	})
	return t
}
