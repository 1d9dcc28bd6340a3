package board

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

const (
	maxReplaySpans  = 60_000          // of all teams: about 1.5 MB of JSON
	maxReplayEvents = 5_000           // the latest
	replayEvery     = 2 * time.Second // how often the current round may be encoded again
)

// A replay is the JSON of /api/replay: what the board showed in a round. Its times are milliseconds since From.
type replay struct {
	Round      int           `json:"round"`
	From       workshop.Time `json:"from"`
	To         workshop.Time `json:"to"`
	Ended      bool          `json:"ended"`
	Frozen     bool          `json:"frozen"` // the score ends at the freeze
	Cut        bool          `json:"cut"`    // more happened after To than a replay holds
	Partitions int           `json:"partitions"`
	States     []string      `json:"states"` // of spans
	Teams      []replayTeam  `json:"teams"`
	Scores     []replayScore `json:"scores"`
	Events     []replayEvent `json:"events"`
}

type replayTeam struct {
	Team    int            `json:"team"`
	Name    string         `json:"name"`
	Members []replayMember `json:"members"`
	Spans   [][5]int64     `json:"spans"` // partition, from, to (-1: it lasts), index in Members (-1: none), index in States
	Badges  []replayBadge  `json:"badges"`
	Full    bool           `json:"full"` // later changes of the lanes were not recorded
}

type replayMember struct {
	MemberID string `json:"member_id"`
	ClientID string `json:"client_id"`
	Colour   int    `json:"colour"`
}

type replayBadge struct {
	Badge string `json:"badge"`
	From  int64  `json:"from"`
	To    *int64 `json:"to"` // when the instructor removed it
	First bool   `json:"first"`
}

// A replayScore has the teams whose points or rank changed.
type replayScore struct {
	At    int64    `json:"at"`
	Teams [][3]int `json:"teams"` // team, points, rank
}

type replayEvent struct {
	At   int64  `json:"at"`
	Team int    `json:"team"`
	Text string `json:"text"`
}

var replayStates = []string{game.LaneOwned, game.LaneMoving, game.LaneSilent, game.LaneFree}

func replayOf(r game.Record) replay {
	out := replay{
		Round: r.Round, From: r.Began, To: r.Until, Ended: r.Ended, Frozen: r.Frozen, Partitions: max(r.Partitions, 1), States: replayStates,
		Teams: []replayTeam{}, Scores: []replayScore{}, Events: []replayEvent{},
	}
	if end, cut := endOfSpans(r); cut {
		out.To, out.Cut = end, true
	}
	since := func(t time.Time) int64 { return t.Sub(out.From.Time).Milliseconds() }

	for _, t := range r.Teams {
		out.Teams = append(out.Teams, replayTeamOf(t, out.To.Time, since))
		for _, e := range t.Events {
			if !e.At.After(out.To.Time) && e.Kind != game.KindPrediction {
				out.Events = append(out.Events, replayEvent{since(e.At.Time), t.Team, clean(e.Text)})
			}
		}
	}
	for _, p := range r.Predictions { // once for the room, even if about a team
		for _, e := range p.Events() {
			if !e.At.After(out.To.Time) {
				out.Events = append(out.Events, replayEvent{since(e.At.Time), 0, clean(e.Text)})
			}
		}
	}
	slices.SortStableFunc(out.Events, func(a, b replayEvent) int { return int(a.At - b.At) })
	out.Events = out.Events[max(len(out.Events)-maxReplayEvents, 0):]

	for _, step := range r.ScoreSteps() {
		s := replayScore{At: since(step.At)}
		for _, t := range step.Teams {
			s.Teams = append(s.Teams, [3]int{t.Team, t.Points, t.Rank})
		}
		out.Scores = append(out.Scores, s)
	}
	return out
}

// endOfSpans returns where the replay must end because it cannot hold all changes.
func endOfSpans(r game.Record) (end workshop.Time, cut bool) {
	var began []time.Time
	for _, t := range r.Teams {
		for _, s := range t.History.All() {
			began = append(began, s.From.Time)
		}
	}
	if len(began) <= maxReplaySpans {
		return end, false
	}
	slices.SortFunc(began, time.Time.Compare)
	return workshop.At(began[maxReplaySpans].Add(-time.Millisecond)), true // the spans that begin then do not fit
}

func replayTeamOf(t game.TeamRecord, until time.Time, since func(time.Time) int64) replayTeam {
	out := replayTeam{Team: t.Team, Name: clean(t.Name), Members: []replayMember{}, Spans: [][5]int64{}, Badges: []replayBadge{}, Full: t.History.Full()}
	members := map[string]int64{}
	for _, s := range t.History.All() {
		if s.From.After(until) {
			continue
		}
		owner, to := int64(-1), int64(-1)
		if s.Owner != nil {
			i, known := members[*s.Owner]
			if !known {
				i = int64(len(out.Members))
				members[*s.Owner] = i
				out.Members = append(out.Members, replayMember{*s.Owner, clean(s.ClientID), s.Colour})
			}
			owner = i
		}
		if s.To != nil {
			to = since(s.To.Time)
		}
		out.Spans = append(out.Spans, [5]int64{int64(s.Partition), since(s.From.Time), to, owner, int64(slices.Index(replayStates, s.State))})
	}

	for _, a := range t.Awards {
		badge := replayBadge{Badge: a.Badge, From: since(a.At), First: a.First}
		if a.Removed != nil {
			to := since(*a.Removed)
			badge.To = &to
		}
		out.Badges = append(out.Badges, badge)
	}
	return out
}

// A document is JSON, encoded once for all requests.
type document struct{ plain, packed []byte }

func newDocument(v any) (document, error) {
	plain, err := encode(v)
	if err != nil {
		return document{}, err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		return document{}, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return document{}, fmt.Errorf("compress: %w", err)
	}
	return document{plain, packed.Bytes()}, nil
}

// write answers with the document, compressed for clients that accept it.
func (d document) write(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Vary", "Accept-Encoding")
	body := d.plain
	if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Header("Content-Encoding", "gzip")
		body = d.packed
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
}

// currentReplay is the last encoded replay of the current round.
type currentReplay struct {
	mu    sync.Mutex
	doc   document
	round int
	at    time.Time
}

func (b *Board) getReplay(c *gin.Context) error {
	if err := b.ready(); err != nil {
		return err
	}
	public := b.view.Load().Public
	n, err := roundOf(c, public.Round)
	if err != nil {
		return httpError(err)
	}

	if n == public.Round {
		doc, err := b.nowReplayed(public)
		if err != nil {
			return err
		}
		doc.write(c)
		return nil
	}
	ended, err := b.rounds.get(c.Request.Context(), n)
	if err != nil {
		return httpError(err)
	}
	doc, err := ended.replay()
	if err != nil {
		return err
	}
	doc.write(c)
	return nil
}

// nowReplayed returns the replay of the current round, encoded at most replayEvery ago.
func (b *Board) nowReplayed(public game.Board) (document, error) {
	r := &b.replayed
	r.mu.Lock()
	defer r.mu.Unlock()
	now := b.cfg.Now()
	if r.round == public.Round && !r.at.IsZero() && now.Sub(r.at) < replayEvery {
		return r.doc, nil
	}

	doc, err := newDocument(replayOf(game.RecordOf(public)))
	if err != nil {
		return document{}, err
	}
	r.doc, r.round, r.at = doc, public.Round, now
	return doc, nil
}
