package board

import (
	"fmt"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// instructorParts returns the parts of one of the instructor's pages, which show the true board.
func (b *Board) instructorParts(s *snapshot, number int, find string) []spec {
	v, in := s.Truth, s.Instructor
	if b.cfg.Calm {
		v.Podium = nil // there is nothing to dismiss
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
		b.part("help", fmt.Sprint(in.Help[:min(len(in.Help), maxHelps)], len(in.Help)), "help", func() any { return helpView{in.Help, v} }),
		b.part("strangers", fmt.Sprint(in.Strangers), "strangers", func() any { return in.Strangers }),
		b.part("acts", fmt.Sprint(v.Frozen, v.Round, v.Message, in.Reveal != nil, v.Podium != nil), "acts", func() any { return v }),
		b.part("reveal", revealKey(in.Reveal), "reveal", func() any { return in.Reveal }),
		ticking(b.part("stillness", stillnessKey(in.Stillness), "stillness", func() any { return compareAssignors(in.Stillness) })),
		ticking(b.part("health", health, "health", func() any { return healthView{in, v} })),
		b.part("log", eventsKey(in.Log), "log", func() any { return lastEvents(in.Log, 100) }))
	teams := glanceOrder(s.truthOrder(), v, in.Help, find)
	at := pageOf(number, len(teams), glanceRows)
	out = append(out, b.pagerPart(pager{pageRange: at, path: "/instructor", find: find, Search: len(v.Teams) > glanceRows}))
	return append(out, b.rowParts(s, v, layout(v), teams[at.From:at.To], b.truthRows, "glance")...)
}

// glanceOrder returns the teams that match the instructor's search. If they fill several pages, those that need help come
// first, and then all teams by rank.
func glanceOrder(order []int, v game.Board, help []game.Help, find string) []int {
	if len(order) <= glanceRows {
		return order
	}

	needs := make(map[int]bool, len(help))
	for _, h := range help {
		needs[h.Team] = true
	}
	var first, others []int
	for _, i := range order {
		t := &v.Teams[i]
		switch {
		case find != "" && find != strconv.Itoa(t.Team) && !strings.Contains(strings.ToLower(t.Name), find):
		case needs[t.Team]:
			first = append(first, i)
		default:
			others = append(others, i)
		}
	}
	return append(first, others...)
}

// maxHelps is how many teams that need help are listed above all teams.
const maxHelps = 50

// loadKey changes when the load on the page does.
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

// Listed returns those that there is room for.
func (h helpView) Listed() []game.Help { return h.Help[:min(len(h.Help), maxHelps)] }

// More returns how many are not listed.
func (h helpView) More() int64 { return int64(len(h.Help) - len(h.Listed())) }

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
