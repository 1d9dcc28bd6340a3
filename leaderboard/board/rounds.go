package board

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

const (
	roundReaders = 2               // rounds that are read concurrently, each over its own connection
	roundWithin  = 5 * time.Second // to wait for a reader and read
	keptRounds   = 4               // read most recently: up to 15 MB each, if every lane of 15 teams changed all the time
)

// rounds reads ended rounds from the store. Its methods are safe for concurrent use.
type rounds struct {
	load func(ctx context.Context, round int) (game.RoundExport, error)
	log  *slog.Logger
	turn chan struct{} // holds an element for each active reader

	mu   sync.Mutex
	kept []endedRound // the most recently used last; an ended round does not change
}

// An endedRound is a round with its replay, which is encoded for the first viewer.
type endedRound struct {
	game.Record
	replay func() (document, error)
}

func newRounds(load func(context.Context, int) (game.RoundExport, error), log *slog.Logger) *rounds {
	return &rounds{load: load, log: log, turn: make(chan struct{}, roundReaders)}
}

// get returns a round that has ended.
func (r *rounds) get(ctx context.Context, number int) (endedRound, error) {
	if e, ok := r.cached(number); ok {
		return e, nil
	}
	if r.load == nil {
		return endedRound{}, game.ErrNoRound
	}

	ctx, cancel := context.WithTimeout(ctx, roundWithin)
	defer cancel()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return endedRound{}, httpserve.Status(http.StatusServiceUnavailable, "too many rounds are being read: try again")
	}
	if e, ok := r.cached(number); ok { // another request has read it meanwhile
		return e, nil
	}

	stored, err := r.load(ctx, number)
	switch {
	case errors.Is(err, game.ErrNoRound):
		return endedRound{}, err
	case err != nil:
		r.log.WarnContext(ctx, "reading a round that has ended failed", "round", number, "error", err)
		return endedRound{}, httpserve.Status(http.StatusServiceUnavailable, "Postgres does not answer, and round %d is stored there: try again", number)
	}
	record := stored.Record()
	e := endedRound{record, sync.OnceValues(func() (document, error) { return newDocument(replayOf(record)) })}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept[max(len(r.kept)-keptRounds+1, 0):], e)
	return e, nil
}

func (r *rounds) cached(number int) (endedRound, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.kept, func(e endedRound) bool { return e.Round == number })
	if i < 0 {
		return endedRound{}, false
	}
	e := r.kept[i]
	r.kept = append(slices.Delete(r.kept, i, i+1), e)
	return e, true
}

// roundOf returns the number of the round that ?round= names, by default the current one.
func roundOf(c *gin.Context, current int) (int, error) {
	text, ok := c.GetQuery("round")
	if !ok {
		return current, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text {
		return 0, httpserve.Bad("round is not a number")
	}
	if n < 1 || n > current {
		return 0, fmt.Errorf("%w: this is round %d", game.ErrNoRound, current)
	}
	return n, nil
}

// recordOf returns the requested round as the room may see it, with the teams' current names. It returns a 503 while the
// Views are not this room's, because a round that is not known yet would look like one that never existed.
func (b *Board) recordOf(c *gin.Context) (game.Record, error) {
	if err := b.ready(); err != nil {
		return game.Record{}, err
	}

	public := b.view.Load().Public
	n, err := roundOf(c, public.Round)
	if err != nil {
		return game.Record{}, httpError(err)
	}
	if n == public.Round {
		return game.RecordOf(public), nil
	}

	ended, err := b.rounds.get(c.Request.Context(), n)
	if err != nil {
		return game.Record{}, httpError(err)
	}
	record := ended.Record
	record.Partitions = max(record.Partitions, 1)
	record.Teams = slices.Clone(record.Teams)
	for i := range record.Teams {
		if t, ok := team(public, record.Teams[i].Team); ok {
			record.Teams[i].Name = t.Name
		}
	}
	return record, nil
}

// teamRecordOf returns the record of the team in the path for the requested round.
func (b *Board) teamRecordOf(c *gin.Context) (game.TeamRecord, game.Record, error) {
	now, err := b.teamOf(c, b.view.Load().Public)
	if err != nil {
		return game.TeamRecord{}, game.Record{}, err
	}
	record, err := b.recordOf(c)
	if err != nil {
		return game.TeamRecord{}, game.Record{}, err
	}
	for _, t := range record.Teams {
		if t.Team == now.Team {
			return t, record, nil
		}
	}
	return game.TeamRecord{Team: now.Team, Name: now.Name}, record, nil // it was added since
}
