package board

import (
	"fmt"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// instructorParts returns the parts of the instructor's page, which shows the truth.
func (b *Board) instructorParts(s *snapshot) []spec {
	v, in := s.Truth, s.Instructor
	if b.cfg.Calm {
		v.Podium = nil // nothing to dismiss
	}
	health := fmt.Sprint(in.Kafka, in.Postgres, in.Scoring, in.Behind, in.SweepMS, in.Holder, v.Evicted)
	out := b.headParts(v)
	spot := newSpotlightView(v, in.Spotlight)
	asked := b.withVotes(v.Prediction)
	out = append(out,
		b.part("sheet", fmt.Sprint(in.Sheet.Step, in.Sheet.EndsAt), "sheet", func() any { return sheetView{in.Sheet} }),
		ticking(b.part("prediction", predictionKey(asked), "asking", func() any { return askingView{asked} })),
		b.part("belief", beliefKey(in.Belief), "belief", func() any { return in.Belief }),
		ticking(b.part("controls", loadKey(v.Load), "controls", func() any { return v })),
		b.part("spotlight", spot.key(), "spotlight", func() any { return spot }),
		b.part("help", fmt.Sprint(in.Help), "help", func() any { return helpView{in.Help, v} }),
		b.part("strangers", fmt.Sprint(in.Strangers), "strangers", func() any { return in.Strangers }),
		b.part("acts", fmt.Sprint(v.Frozen, v.Round, v.Message, in.Reveal != nil, v.Podium != nil), "acts", func() any { return v }),
		b.part("reveal", revealKey(in.Reveal), "reveal", func() any { return in.Reveal }),
		ticking(b.part("stillness", stillnessKey(in.Stillness), "stillness", func() any { return compareAssignors(in.Stillness) })),
		ticking(b.part("health", health, "health", func() any { return healthView{in, v} })),
		b.part("log", eventsKey(in.Log), "log", func() any { return lastEvents(in.Log, 100) }))
	return append(out, b.rowParts(s, v, b.truthRows, "glance")...)
}

// loadKey changes when the load does, as far as the page shows it.
func loadKey(l *game.LoadFact) string {
	if l == nil {
		return ""
	}
	return fmt.Sprint(rate(l.Rate), rate(l.Achieved), l.Paused)
}

func revealKey(r *game.RevealProgress) string {
	if r == nil {
		return ""
	}
	return fmt.Sprint(*r)
}

type helpView struct {
	Help  []game.Help
	Board game.Board
}

// Name returns the name of a team that needs help.
func (h helpView) Name(n int) string {
	if t, ok := team(h.Board, n); ok {
		return t.Name
	}
	return workshop.TeamID(n)
}

type healthView struct {
	game.Instructor
	Board game.Board
}

// lastEvents returns the last n events, the newest first.
func lastEvents(events []game.Event, n int) []game.Event {
	return newestFirst(events[max(0, len(events)-n):])
}

// eventsKey changes whenever an event is added.
func eventsKey(events []game.Event) string {
	if len(events) == 0 {
		return ""
	}
	last := events[len(events)-1]
	return fmt.Sprint(len(events), last.At.UnixNano(), last.Team, last.Text)
}
