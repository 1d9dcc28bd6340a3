package game

import (
	"cmp"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// Boards returns what the room sees and what is true. They differ while the board is frozen. Later steps
// of the Room change neither.
func (r *Room) Boards() (public, truth Board) {
	standings := make([]standing, len(r.teams))
	for i, t := range r.teams {
		standings[i] = t.standing()
	}
	ranks := rankTeams(standings)

	truth = r.boardWithoutTeams()
	truth.Ticker = r.ticker()
	truth.Teams = make([]Team, len(r.teams))
	for i, t := range r.teams {
		truth.Teams[i] = r.teamRow(t, standings[i].Points, ranks[t.team])
	}

	if len(r.podium.Places) > 0 {
		podium := r.podium
		truth.Podium = &podium
	}

	public = truth
	public.Teams = slices.Clone(truth.Teams)
	if r.frozen == nil {
		return public, truth
	}
	public.Ticker = r.revealTicker()
	public.Predictions = r.frozen.withoutVotes(public.Predictions)
	if truth.Reveal != nil { // without Next: the room must not see ahead
		public.Reveal = &RevealProgress{Step: truth.Reveal.Step, Steps: truth.Reveal.Steps, Playing: truth.Reveal.Playing}
	}
	for i := range public.Teams {
		public.Teams[i] = r.applyFreeze(public.Teams[i])
	}
	return public, truth
}

func (r *Room) boardWithoutTeams() Board {
	return Board{
		Round: r.round.Number, Began: workshop.At(r.round.Began), Lesson: r.setup.Lesson.Name, AsOf: workshop.At(r.asOf), Frozen: r.frozen != nil, Reveal: r.revealProgress(), Message: r.message,
		Topic: r.setup.Topic(), Partitions: r.partitions(), RecordsPerSecond: round1(r.topic.rate),
		Load: r.load, Badges: Badges(r.setup.Lesson), Evicted: r.scores.Evicted,
		TopicPartitions: r.topic.partitionRows(), Step: r.step(), Spotlight: r.spotlit(), Prediction: r.prediction.View(), Predictions: slices.Clone(r.predictions),
	}
}

// round1 rounds to one decimal place.
func round1(v float64) float64 { return float64(int64(v*10+0.5)) / 10 }

// visible reports whether an event may be shown: it is not about a badge that is not stored yet.
func (r *Room) visible(e Event) bool {
	if e.Kind != KindBadge {
		return true
	}
	t := r.team(e.Team)
	if t == nil {
		return true
	}
	won := t.earned[e.Badge]
	return won == nil || won.stored
}

func (r *Room) visibleEvents(events []Event) []Event {
	hidden := func(e Event) bool { return !r.visible(e) }
	if !slices.ContainsFunc(events, hidden) {
		return events
	}
	return slices.DeleteFunc(slices.Clone(events), hidden)
}

// Log returns the latest events of all teams.
func (r *Room) Log() []Event { return r.visibleEvents(r.log) }

// Strangers returns the groups on the lesson's topic that belong to no team.
func (r *Room) Strangers() []Stranger { return r.strangers }

// Behind returns how many records are produced and not scored yet.
func (r *Room) Behind() int64 { return r.scores.Behind }

func (r *Room) teamRow(t *teamState, points, rank int) Team {
	w := t.work
	row := Team{
		Team: t.team, Name: t.name, Group: r.setup.Group(t.team), Rank: rank, Points: points,
		Badges: t.badges(), State: t.Group, MoreMembers: t.more, Committed: t.committedRows(&r.topic), Lanes: t.laneRows(&r.topic, r.partitions(), r.asOf), History: t.history.shown(), Awards: t.awards(),
		ProcessedPerSecond: round1(t.speed.perSecond()), Actions: w.counts(), Precision: w.precision(), Recall: w.recall(),
		Events: r.visibleEvents(t.events), Rejected: w.Rejections, Reported: Reported{w.Processed, w.Flagged}, Moving: t.moving,
		Notes: t.hintTexts(r.asOf, r.round.Began, r.setup.Lesson.Share),
	}

	if row.State == "" {
		row.State = "NotJoined"
	}
	if t.Protocol != "" && row.State != "NotJoined" {
		protocol := t.Protocol
		row.Protocol = &protocol
	}
	if at := earliest(t.staleAt, r.topic.staleAt); !at.IsZero() {
		since := workshop.At(at)
		row.StaleSince = &since
	}
	if lag, ok := t.lag(&r.topic); ok {
		row.Lag = &lag
	}

	if r.setup.Lesson.Share {
		row.Workers = t.workerRows(r.asOf)
		row.Beside = t.besideRow(r.setup.Beside(t.team))
	}
	row.Members = memberRows(t.Members)
	return row
}

func memberRows(members []seenMember) []Member {
	out := []Member{}
	for _, m := range members {
		partitions := m.Partitions
		if partitions == nil {
			partitions = []int32{}
		}
		out = append(out, Member{m.ID, m.ClientID, m.Host, m.Colour, partitions})
	}
	return out
}

// earliest returns the earlier of two times, of which either may be zero.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// badges returns the badges that are stored and not removed, in the order of the rules.
func (t *teamState) badges() []Earned {
	out := []Earned{}
	for _, b := range badges {
		if e := t.earned[b.ID]; e != nil && e.stored && e.Removed == nil {
			out = append(out, Earned{b.ID, b.Icon, workshop.At(e.At), e.First})
		}
	}
	return out
}

// awards returns what badges returns, by time and with its evidence, and the badges that were removed.
func (t *teamState) awards() []Award {
	var out []Award
	for _, e := range t.earned {
		if e.stored {
			out = append(out, e.Award)
		}
	}
	slices.SortFunc(out, func(a, b Award) int { return cmp.Or(a.At.Compare(b.At), badgeIndex(a.Badge)-badgeIndex(b.Badge)) })
	return out
}

func (t *teamState) committedRows(k *topic) []Commit {
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
