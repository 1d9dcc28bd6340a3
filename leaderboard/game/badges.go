package game

import (
	"slices"

	"kafka-workshop/internal/workshop"
)

// IDs of the badges.
const (
	Connected      = "connected"
	FirstLoad      = "first_load"
	Scaled         = "scaled"
	StatsPublished = "stats_published"
	FaultTolerant  = "fault_tolerant"
	FullHouse      = "full_house"
	Spare          = "spare"
	LagBuster      = "lag_buster"
	Sharpshooter   = "sharpshooter"
	Foresight      = "foresight"
	Crew           = "crew"
	Redelivered    = "redelivered"
	Poison         = "poison"
	Remembers      = "remembers"
)

// A Badge describes a badge that can be earned.
type Badge struct {
	ID      string
	Name    string
	Icon    string
	Points  int
	Step    bool   // one of the four steps of the lesson
	Actions bool   // only in a lesson with actions
	Groups  groups // the kinds of groups that can earn it
	How     string // how to earn it, in the second person
}

// groups are the kinds of groups that lessons are about.
type groups int

const (
	consumerGroups groups = 1 << iota
	shareGroups
	allGroups = consumerGroups | shareGroups
)

// firstBonus is how many extra points the first team to earn a badge gets.
const firstBonus = 10

var badges = []Badge{
	{Connected, "Connected", "🔌", 100, true, false, allGroups, "Start one member in your team's group."},
	{FirstLoad, "First Load", "📤", 100, true, false, consumerGroups, "Get your first action accepted."},
	{Scaled, "Scaled", "⚖️", 100, true, false, consumerGroups, "Run two members that each own a partition."},
	{StatsPublished, "Stats Published", "📊", 100, true, true, consumerGroups, "Publish a valid record on your team's stats topic."},
	{FaultTolerant, "Fault Tolerant", "🛟", 50, false, false, consumerGroups, "Stop a member and let the others take over its partitions within 60 s."},
	{FullHouse, "Full House", "🏁", 50, false, false, consumerGroups, "Run as many owners as the topic has partitions."},
	{Spare, "Spare", "🪑", 50, false, false, consumerGroups, "Run one member more than the topic has partitions."},
	{LagBuster, "Lag Buster", "🧹", 50, false, false, consumerGroups, "Fall 1,000 records and 30 s behind, then catch up."},
	{Sharpshooter, "Sharpshooter", "🎯", 50, false, true, consumerGroups, "Over 100 verified actions, precision 0.99 and recall 0.95."},
	{Foresight, "Foresight", "🔮", 50, false, false, consumerGroups, "Predict right three times: the majority of your team's votes."},
	{Remembers, "Remembers", "🧠", 50, false, true, consumerGroups, "Keep counts by partition that continue when the owner changes."},
	{Crew, "Crew", "🐝", 100, true, false, shareGroups, "Let more members work than the topic has partitions."},
	{Redelivered, "Redelivered", "🔁", 100, true, false, shareGroups, "Kill a worker, and let another one accept what it held."},
	{Poison, "Poison Handled", "☠️", 100, true, false, shareGroups, "Reject what cannot be done, and keep the backlog under 20."},
}

// Badges returns the badges that can be earned in the lesson, the steps first.
func Badges(l workshop.Lesson) []Badge {
	kind := consumerGroups
	if l.Share {
		kind = shareGroups
	}
	var out []Badge
	for _, b := range badges {
		if b.Actions && !l.Actions || b.Groups&kind == 0 {
			continue
		}
		if b.ID == FirstLoad && !l.Actions {
			b.How = "Commit an offset above where the round began."
		}
		out = append(out, b)
	}
	return out
}

// badgeIndex returns the position of a badge in the order of the rules, or -1.
func badgeIndex(id string) int {
	return slices.IndexFunc(badges, func(b Badge) bool { return b.ID == id })
}

func badgeName(id string) string {
	if i := badgeIndex(id); i >= 0 {
		return badges[i].Name
	}
	return id
}
