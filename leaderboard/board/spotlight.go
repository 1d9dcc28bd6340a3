package board

import (
	"fmt"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// spotLines is how many of a team's events the spotlight has room for, if they are short.
const spotLines = 5

// A spotView is the team in the spotlight; Team.Team is 0 for none.
type spotView struct{ teamView }

// Lines returns the latest events of the team, the newest first.
func (v spotView) Lines() []game.Event {
	var out []game.Event
	for _, e := range newestFirst(v.Events) {
		if e.Kind != game.KindInstructor && e.Kind != game.KindPrediction && len(out) < spotLines {
			out = append(out, e)
		}
	}
	return out
}

// Strip draws the team's last minutes.
func (v spotView) Strip() strip {
	return compactStrip("spot", v.Team, v.Board.Partitions, v.Board.AsOf.Time)
}

// spotParts returns the team in the spotlight: a part that updates at once, its figures, and its last minutes.
func (b *Board) spotParts(s *snapshot, v game.Board) []spec {
	n := spotlit(v)
	t, ok := team(v, n)
	if !ok {
		return []spec{b.part("spot", "", "spot", func() any { return spotView{} })}
	}

	version := b.publicRows.of(t)
	t.Events = b.calmEvents(v, t.Events)
	data := func() any { return spotView{teamView{row: s.row(v, t), Board: v}} }
	key := fmt.Sprint(n, " ", boardKey(v), " ", t.Rank, " ", version.row)
	figures := fmt.Sprint(key, " ", version.figures)
	return []spec{
		b.part("spot", key, "spot", data),
		b.part("spot-strip", fmt.Sprint(n, v.Round, v.Partitions, v.AsOf.Unix()/60, " ", spansKey(t.History)), "spot-strip", data).in("spot"),
		ticking(b.part("spot-figures", figures, "spot-figures", data)).in("spot"),
	}
}

// podiumPart shows the first three teams, or nothing.
func (b *Board) podiumPart(v game.Board) spec {
	podium := v.Podium
	if b.cfg.Calm {
		podium = nil
	}
	key := ""
	if podium != nil {
		key = fmt.Sprint(*podium)
	}
	return b.part("podium", key, "podium", func() any { return podium })
}

// stepPart shows the step of the run sheet. The page counts its seconds down.
func (b *Board) stepPart(v game.Board) spec {
	key := ""
	if v.Step != nil {
		key = fmt.Sprint(*v.Step)
	}
	return b.part("step", key, "step", func() any {
		return struct {
			*game.StepProgress
			AsOf workshop.Time
		}{v.Step, v.AsOf}
	})
}
