package board

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// drawn is a part of a page from a template.
func (b *Board) drawn(id, key, name string, data func() any) spec {
	return spec{event: "part", id: id, key: key, render: func() string {
		text, err := b.render(name, data())
		if err != nil {
			b.cfg.Log.Error("a part of a page is missing", "part", id, "error", err)
		}
		return text
	}}
}

// ticking marks a part that may wait for the next second.
func ticking(s spec) spec {
	s.ticks = true
	return s
}

// roomParts are the parts of the board.
func (b *Board) roomParts(s *shown) []spec {
	v := s.Public
	out := append(b.headParts(s, v), b.drawn("ticker", tickerKey(v.Ticker), "ticker", func() any { return lastOf(v.Ticker, 4) }),
		b.drawn("legend", shape(v), "legend", func() any { return v }))
	out = append(out, b.rowParts(s, v, b.publicRows, "row")...)
	return out
}

// headParts are the lines on top of the board and of the instructor's page.
func (b *Board) headParts(s *shown, v game.Board) []spec {
	return []spec{
		b.drawn("title", fmt.Sprint(v.Round, v.Lesson, v.Frozen, revealKey(v.Reveal)), "title", func() any { return v }),
		ticking(b.drawn("load", fmt.Sprint(v.AsOf, v.RecordsPerSecond, v.Load, v.StaleSince), "load", func() any { return v })),
		b.drawn("say", fmt.Sprint(v.Message, v.Stale, v.StaleSince != nil, waiting(v)), "say", func() any {
			return struct {
				game.Board
				Waiting bool
			}{v, waiting(v)}
		}),
	}
}

// rowParts are a row a team, the figures in it that tick, and the order of the rows.
func (b *Board) rowParts(s *shown, v game.Board, rows versions, name string) []spec {
	look := shape(v)
	order := []string{size(len(v.Teams))}
	var out []spec
	for _, t := range byRank(v) {
		r := func() any { return s.row(v, t) }
		id := "t" + strconv.Itoa(t.Team)
		order = append(order, id)
		out = append(out, b.drawn(id, fmt.Sprint(look, " ", rows[t.Team].row), name, r),
			ticking(b.drawn(id+"-figures", s.figuresKey(v, t), "figures", r)))
	}
	text := strings.Join(order, " ")
	return append(out, spec{event: "order", id: "order", key: text, render: func() string { return text }})
}

// figuresKey tells figures that look the same: numbers, and curves where the layout has them.
func (s *shown) figuresKey(v game.Board, t game.Team) string {
	r := s.row(v, t)
	lag := int64(-1)
	if t.Lag != nil {
		lag = *t.Lag
	}
	return fmt.Sprint(lag, " ", rate(t.ProcessedPerSecond), r.LagCurve.Line, r.RateCurve.Line, r.Size)
}

// teamParts are the parts of a team's page.
func (b *Board) teamParts(s *shown, n int) []spec {
	t, ok := team(s.Public, n)
	if !ok {
		return nil
	}
	v := s.Public
	data := func() any { return teamView{row: s.row(v, t), Board: v} }
	key := fmt.Sprint(shape(v), " ", b.publicRows[n].row)
	ticks := fmt.Sprint(key, " ", b.publicRows[n].figures)
	return []spec{
		ticking(b.drawn("load", fmt.Sprint(v.AsOf, v.RecordsPerSecond, v.Load, v.StaleSince), "load", func() any { return v })),
		b.drawn("say", fmt.Sprint(v.Message, v.Stale, v.Frozen), "say", func() any {
			return struct {
				game.Board
				Waiting bool
			}{v, false}
		}),
		b.drawn("team", key, "team-top", data),
		ticking(b.drawn("ticks", ticks, "team-ticks", data)),
		b.drawn("badges", key, "team-badges", data),
		b.drawn("members", key, "team-members", data),
		b.drawn("timeline", key, "team-timeline", data),
		ticking(b.drawn("describe", ticks, "team-describe", data)),
		ticking(b.drawn("work", ticks, "team-work", data)),
	}
}

// A teamView is what a team's page shows.
type teamView struct {
	row
	Board game.Board
}

// AllOwned reports that every partition has an owner.
func (t teamView) AllOwned() bool {
	return !slices.ContainsFunc(t.Cells, func(c cell) bool { return c.Owner == "" })
}

// A tick is where a partition's commit stands under its lane.
type tick struct {
	Partition int32
	At        int64  // 0 to 1000, which is the log's end
	Says      string // in words
	Known     bool   // there is a commit
}

// leastScale is the lag, in records, that a lane is wide at least: the saw-tooth of auto-commits at
// the default rate stays small.
const leastScale = 50

// Ticks are under the lanes: the log's end at the right, the commit as far to the left of it as it
// is behind. All lanes of a team have the same scale.
func (t teamView) Ticks() []tick {
	lines, most := t.Describe(), int64(leastScale)
	for _, d := range lines {
		if d.Lag != nil {
			most = max(most, *d.Lag)
		}
	}
	out := make([]tick, len(lines))
	for i, d := range lines {
		out[i] = tick{Partition: d.Partition, Says: "–"}
		if d.Lag != nil {
			out[i] = tick{d.Partition, 1000 - *d.Lag*960/most, num(*d.Lag), true}
		}
	}
	return out
}

// A describeLine is a line of the describe table, as Kafka's own tool prints it.
type describeLine struct {
	game.Commit
	Cell cell
	Host string
	Lag  *int64
}

// Describe is the describe table: every partition, with its commit and its owner.
func (t teamView) Describe() []describeLine {
	commits, hosts := map[int32]game.Commit{}, map[string]string{}
	for _, c := range t.Committed {
		commits[c.Partition] = c
	}
	for _, m := range t.Members {
		hosts[m.MemberID] = m.Host
	}
	out := make([]describeLine, len(t.Cells))
	for i, c := range t.Cells {
		d := describeLine{Commit: commits[c.Partition], Cell: c, Host: hosts[c.Owner]}
		d.Partition = c.Partition
		d.Lag = d.Commit.Lag()
		out[i] = d
	}
	return out
}

// instructorParts are the parts of the instructor's page: the truth.
func (b *Board) instructorParts(s *shown) []spec {
	v, in := s.Truth, s.Instructor
	out := b.headParts(s, v)
	out = append(out,
		b.drawn("help", fmt.Sprint(in.Help), "help", func() any { return helpView{in.Help, v} }),
		b.drawn("strangers", fmt.Sprint(in.Strangers), "strangers", func() any { return in.Strangers }),
		b.drawn("acts", fmt.Sprint(v.Frozen, v.Round, v.Message, in.Reveal != nil), "acts", func() any { return v }),
		b.drawn("reveal", revealKey(in.Reveal), "reveal", func() any { return in.Reveal }),
		ticking(b.drawn("health", fmt.Sprint(in.Kafka, in.Postgres, in.Scoring, in.Behind, in.SweepMS, in.Holder, v.Evicted), "health", func() any { return healthView{in, v} })),
		b.drawn("log", tickerKey(in.Log), "log", func() any { return lastOf(in.Log, 100) }))
	return append(out, b.rowParts(s, v, b.truthRows, "glance")...)
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

// Name is the name of the team that needs help.
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

// lastOf is the last n events, the newest first.
func lastOf(events []game.Event, n int) []game.Event {
	events = events[max(0, len(events)-n):]
	out := make([]game.Event, 0, len(events))
	for i := len(events) - 1; i >= 0; i-- {
		out = append(out, events[i])
	}
	return out
}

func tickerKey(events []game.Event) string {
	if len(events) == 0 {
		return ""
	}
	last := events[len(events)-1]
	return fmt.Sprint(len(events), last.At.UnixNano(), last.Team, last.Text)
}
