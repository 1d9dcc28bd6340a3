package board

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kafka-workshop/leaderboard/game"
)

// part returns a part of a page that a template renders.
func (b *Board) part(id, key, name string, data func() any) spec {
	return spec{event: "part", id: id, key: key, render: func() string {
		text, err := b.render(name, data())
		if err != nil {
			b.cfg.Log.Error("rendering a part of a page failed", "part", id, "error", err)
		}
		return text
	}}
}

// in marks a part that is inside another one.
func (s spec) in(outer string) spec {
	s.outer = outer
	return s
}

// ticking marks a part that may wait for the next tick.
func ticking(s spec) spec {
	s.ticks = true
	return s
}

// roomParts returns the parts of a page of the board.
func (b *Board) roomParts(s *snapshot, number int, began time.Time) []spec {
	v := s.Public
	order := s.publicOrder()
	at := b.boardPageOf(number, v, order, began)
	out := append(slices.Clone(s.above()), b.pagerPart(pager{pageRange: at, path: "/", Ranks: !b.cfg.Calm, Turning: number == turning, Board: true}))
	return append(out, b.rowParts(s, v, pageLayout(v, at), order[at.From:at.To], b.publicRows, "row")...)
}

// aboveRows returns the parts that all pages of the board share. Each is rendered once for all of them.
func (b *Board) aboveRows(s *snapshot) []spec {
	v := s.Public
	out := append(b.headParts(v), b.stepPart(v), b.topicPart(s, v))
	out = append(out, b.spotParts(s, v)...)
	out = append(out, b.askedPart(v), b.podiumPart(v), b.tickerPart(v), b.part("legend", boardKey(v), "legend", func() any { return v }))
	for i := range out {
		out[i].render = sync.OnceValue(out[i].render)
	}
	return out
}

// pagerPart shows which of several pages this is.
func (b *Board) pagerPart(p pager) spec {
	return b.part("pager", fmt.Sprint(p), "pager", func() any { return p })
}

// headParts returns the lines at the top of the board and of the instructor's page.
func (b *Board) headParts(v game.Board) []spec {
	return []spec{
		b.part("title", fmt.Sprint(v.Round, v.Lesson, v.Frozen, revealKey(v.Reveal)), "title", func() any { return titleView{v, b.cfg.Calm} }),
		b.loadPart(v),
		b.messagePart(v),
	}
}

// A titleView shows the lesson, the round, and whether the board is frozen.
type titleView struct {
	game.Board
	Calm bool // without the steps of a reveal
}

// loadPart shows the topic and its load.
func (b *Board) loadPart(v game.Board) spec {
	return ticking(b.part("load", fmt.Sprint(v.AsOf, v.RecordsPerSecond, v.Load, v.StaleSince), "load", func() any { return v }))
}

// messagePart shows what is stale, and the instructor's message.
func (b *Board) messagePart(v game.Board) spec {
	return b.part("say", fmt.Sprint(v.Message, v.Stale, v.StaleSince != nil, v.Frozen), "say", func() any { return v })
}

// rowParts returns a row for each of these teams, its rank and ticking figures, and the layout with the order of the rows.
func (b *Board) rowParts(s *snapshot, v game.Board, layout string, teams []int, rows versions, name string) []spec {
	key := boardKey(v)
	order := []string{strings.ReplaceAll(layout, " ", "+")}

	var out []spec
	for _, i := range teams {
		t := v.Teams[i]
		data := func() any { return s.row(v, t) }
		id := "t" + strconv.Itoa(t.Team)
		order = append(order, id)
		out = append(out, b.part(id, fmt.Sprint(key, " ", rows.of(t).row), name, data),
			ticking(b.part(id+"-figures", s.figuresKey(v, t), "figures", data)).in(id))
		if name == "glance" || !b.cfg.Calm { // when one team rises, those that it passes only sink
			out = append(out, b.part(id+"-rank", strconv.Itoa(t.Rank), "rank", data).in(id))
		}
	}
	text := strings.Join(order, " ")
	return append(out, spec{event: "order", id: "order", key: text, render: func() string { return text }})
}

// figuresKey is equal for figures that look the same: numbers, and curves if the layout has them.
func (s *snapshot) figuresKey(v game.Board, t game.Team) string {
	r := s.row(v, t)
	lag := int64(-1)
	if t.Lag != nil {
		lag = *t.Lag
	}
	lengths := make([]float64, len(r.Edges))
	for i, e := range r.Edges {
		lengths[i] = e.Length
	}
	return fmt.Sprint(lag, " ", rate(t.ProcessedPerSecond), r.LagCurve.Line, r.RateCurve.Line, r.Size, lengths, s.scale)
}
