package game

import (
	"slices"

	"kafka-workshop/internal/workshop"
)

// Boards returns the board that the room sees and the true one. They differ while the board is frozen. Later steps of the
// Room change neither.
func (r *Room) Boards() (public, truth Board) {
	r.updateRanks()
	truth = r.boardWithoutTeams()
	truth.Ticker = r.ticker()
	truth.Teams = make([]Team, len(r.teams))
	for i, t := range r.teams {
		truth.Teams[i] = r.teamRow(t, r.standings[i].Points, r.ranks[i])
	}

	if len(r.podium.Places) > 0 {
		podium := r.podium
		truth.Podium = &podium
	}

	public = truth
	if r.frozen == nil {
		return public, truth
	}
	public.Ticker = r.revealTicker()
	public.Predictions = r.frozen.withoutVotes(public.Predictions)
	if truth.Reveal != nil { // without Next, because the room must not see it in advance
		public.Reveal = &RevealProgress{Step: truth.Reveal.Step, Steps: truth.Reveal.Steps, Playing: truth.Reveal.Playing}
	}
	public.Teams = make([]Team, len(truth.Teams))
	for i, t := range truth.Teams {
		public.Teams[i] = r.applyFreeze(t)
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

// visible reports whether an event may be shown: an event about a badge must wait until the badge is stored.
func (r *Room) visible(e Event) bool {
	if e.Kind != KindBadge {
		return true
	}
	t := r.team(e.Team)
	if t == nil {
		return true
	}
	won := t.earned.of(e.Badge)
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
func (r *Room) Log() []Event { return r.visibleEvents(slices.Clip(r.log)) }

// Strangers returns the groups on the lesson's topic that belong to no team.
func (r *Room) Strangers() []Stranger { return r.strangers }

// Behind returns how many produced records are not scored yet.
func (r *Room) Behind() int64 { return r.scores.Behind }
