package game

import "kafka-workshop/internal/workshop"

// Ids of the badges.
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
)

// A Badge is one that can be earned.
type Badge struct {
	ID      string
	Name    string
	Icon    string
	Points  int
	Step    bool   // one of the four steps
	Actions bool   // only in a lesson with actions
	How     string // how to earn it, in the second person
}

// FirstBonus is what the first team to earn a badge gets on top, in points.
const FirstBonus = 10

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
}

// Badges are those that can be earned in the lesson, the steps first.
func Badges(l workshop.Lesson) []Badge {
	var out []Badge
	for _, b := range badges {
		if l.Actions || !b.Actions {
			if b.ID == FirstLoad && !l.Actions {
				b.How = "Commit an offset above where the round began."
			}
			out = append(out, b)
		}
	}
	return out
}
