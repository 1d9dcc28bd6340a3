package replica

import (
	"encoding/json"
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// The public View is split into parts, so that a change of one team writes only that team. A key is the lesson, a slash and
// the part. The board is written last: readers show what they have when it arrives.
//
//	board           all except the teams
//	team-7          a team's row
//	team-7/log      its events, rejections and awards
//	team-7/ended/2  the third block of its ended spans
const boardKey = "board"

func rowKey(team int) string          { return fmt.Sprintf("team-%d", team) }
func logKey(team int) string          { return rowKey(team) + "/log" }
func endedKey(team, block int) string { return fmt.Sprintf("%s/ended/%d", rowKey(team), block) }

// blockSpans is how many spans a block holds. Spans are only appended, so a change writes only the last block.
const blockSpans = 500

// A boardPart is a Board without its teams. The JSON of game's types is that of the API; the fields here add what pages need
// beyond it.
type boardPart struct {
	game.Board
	Teams   int       `json:"teams"`
	Term    int64     `json:"term"` // of the lease under which it was written
	Written time.Time `json:"written"`

	Prediction  *predictionPart      `json:"prediction"`
	Predictions []askedPart          `json:"predictions"`
	Began       workshop.Time        `json:"began"`
	Reveal      *game.RevealProgress `json:"reveal"`
	Load        *game.LoadFact       `json:"load"`
	Stale       []string             `json:"stale"`
	Badges      []game.Badge         `json:"badges"`
	Ticker      []eventPart          `json:"ticker"`
	Evicted     int64                `json:"evicted"`
	Spotlight   int                  `json:"spotlight"`
	Podium      *game.Podium         `json:"podium"`
}

type predictionPart struct {
	game.PredictionView
	DecidedAt time.Time `json:"decided_at"`
}

type askedPart struct {
	game.Prediction
	Hidden bool `json:"hidden"`
}

type eventPart struct {
	game.Event
	Ticker bool  `json:"ticker"`
	ID     int64 `json:"id"`
}

// A rowPart is a team without the parts that grow during a round.
type rowPart struct {
	game.Team
	Committed []commitPart  `json:"committed"`
	Lasting   []spanPart    `json:"lasting"`
	Ended     int           `json:"ended"` // spans
	Reported  game.Reported `json:"reported"`
	Moving    []int32       `json:"moving"`
	Turn      bool          `json:"turn"`
	Notes     []string      `json:"notes"`
}

type commitPart struct {
	game.Commit
	Start int64 `json:"start"`
}

type logPart struct {
	Events   []eventPart      `json:"events"`
	Rejected []game.Rejection `json:"rejected"`
	Awards   []game.Award     `json:"awards"`
}

type spanPart struct {
	game.Span
	Round    int    `json:"round"`
	Team     int    `json:"team"`
	Assignor string `json:"assignor"`
}

// newBoardPart omits the facts by which a prediction's question is decided: only the holder judges it.
func newBoardPart(b game.Board, term int64, now time.Time) boardPart {
	p := boardPart{
		Board: b, Teams: len(b.Teams), Term: term, Written: now,
		Began: b.Began, Reveal: b.Reveal, Load: b.Load, Stale: b.Stale, Badges: b.Badges, Ticker: convert(b.Ticker, newEventPart),
		Evicted: b.Evicted, Spotlight: b.Spotlight, Podium: b.Podium,
	}
	if b.Prediction != nil {
		p.Prediction = &predictionPart{*b.Prediction, b.Prediction.DecidedAt}
	}
	p.Predictions = convert(b.Predictions, func(asked game.Prediction) askedPart {
		asked.World = nil
		return askedPart{asked, asked.Hidden}
	})
	return p
}

func (p boardPart) board(teams []game.Team) game.Board {
	b := p.Board
	b.Teams = teams
	b.Began, b.Reveal, b.Load, b.Stale, b.Badges, b.Ticker = p.Began, p.Reveal, p.Load, p.Stale, p.Badges, convert(p.Ticker, eventPart.event)
	b.Evicted, b.Spotlight, b.Podium = p.Evicted, p.Spotlight, p.Podium
	if p.Prediction != nil {
		view := p.Prediction.PredictionView
		view.DecidedAt = p.Prediction.DecidedAt
		b.Prediction = &view
	}
	b.Predictions = convert(p.Predictions, func(asked askedPart) game.Prediction {
		asked.Prediction.Hidden = asked.Hidden
		return asked.Prediction
	})
	return b
}

func newRowPart(t game.Team) rowPart {
	return rowPart{
		Team: t, Lasting: convert(t.History.Lasting, newSpanPart), Ended: len(t.History.Ended),
		Committed: convert(t.Committed, func(c game.Commit) commitPart { return commitPart{c, c.Start} }),
		Reported:  t.Reported, Moving: t.Moving, Turn: t.Turn, Notes: t.Notes,
	}
}

func newLogPart(t game.Team) logPart {
	return logPart{convert(t.Events, newEventPart), t.Rejected, t.Awards}
}

func (p rowPart) team(l logPart, ended []game.Span) game.Team {
	t := p.Team
	t.Committed = convert(p.Committed, func(c commitPart) game.Commit { c.Commit.Start = c.Start; return c.Commit })
	t.Reported, t.Moving, t.Turn, t.Notes = p.Reported, p.Moving, p.Turn, p.Notes
	t.Events, t.Rejected, t.Awards = convert(l.Events, eventPart.event), l.Rejected, l.Awards
	t.History = game.History{Ended: ended, Lasting: convert(p.Lasting, spanPart.span)}
	return t
}

func newEventPart(e game.Event) eventPart { return eventPart{e, e.Ticker, e.ID} }

func (p eventPart) event() game.Event {
	e := p.Event
	e.Ticker, e.ID = p.Ticker, p.ID
	return e
}

func newSpanPart(s game.Span) spanPart { return spanPart{s, s.Round, s.Team, s.Assignor} }

func (p spanPart) span() game.Span {
	s := p.Span
	s.Round, s.Team, s.Assignor = p.Round, p.Team, p.Assignor
	return s
}

// convert converts each element. Nil stays nil, because JSON distinguishes null from [].
func convert[A, B any](from []A, to func(A) B) []B {
	if from == nil {
		return nil
	}
	out := make([]B, len(from))
	for i, v := range from {
		out[i] = to(v)
	}
	return out
}

func encode(part any) []byte {
	out, err := json.Marshal(part)
	if err != nil {
		panic(fmt.Sprintf("encode a part of the view: %v", err)) // none of its fields can fail
	}
	return out
}
