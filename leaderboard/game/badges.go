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
	How     string // how to earn it, in the second person
}

// firstBonus is what the first team to earn a badge gets on top, in points.
const firstBonus = 10

var badges = []Badge{
	{Connected, "Connected", "🔌", 100, true, false, "Start one member in your team's group."},
	{FirstLoad, "First Load", "📤", 100, true, false, "Get your first action accepted."},
	{Scaled, "Scaled", "⚖️", 100, true, false, "Run two members that each own a partition."},
	{StatsPublished, "Stats Published", "📊", 100, true, true, "Publish a valid record on your team's stats topic."},
	{FaultTolerant, "Fault Tolerant", "🛟", 50, false, false, "Stop a member and let the others take over its partitions within 60 s."},
	{FullHouse, "Full House", "🏁", 50, false, false, "Run as many owners as the topic has partitions."},
	{Spare, "Spare", "🪑", 50, false, false, "Run one member more than the topic has partitions."},
	{LagBuster, "Lag Buster", "🧹", 50, false, false, "Fall 1,000 records and 30 s behind, then catch up."},
	{Sharpshooter, "Sharpshooter", "🎯", 50, false, true, "Over 100 verified actions, precision 0.99 and recall 0.95."},
	{Foresight, "Foresight", "🔮", 50, false, false, "Predict right three times: the majority of your team's votes."},
	{Remembers, "Remembers", "🧠", 50, false, true, "Keep counts by partition that continue when the owner changes."},
}

// Badges returns the badges that can be earned in the lesson, the steps first.
func Badges(l workshop.Lesson) []Badge {
	var out []Badge
	for _, b := range badges {
		if b.Actions && !l.Actions {
			continue
		}
		if b.ID == FirstLoad && !l.Actions {
			b.How = "Commit an offset above where the round began."
		}
		out = append(out, b)
	}
	return out
}

// badgeIndex returns the place of a badge in the order of the rules, or -1.
func badgeIndex(id string) int {
	return slices.IndexFunc(badges, func(b Badge) bool { return b.ID == id })
}

func badgeName(id string) string {
	if i := badgeIndex(id); i >= 0 {
		return badges[i].Name
	}
	return id
}
