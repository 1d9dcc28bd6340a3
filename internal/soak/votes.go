package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

const votesAtOnce = 8 // through each leaderboard

// phones makes a connection for each request, as voters do that come and go.
var phones = &http.Client{Timeout: requestWithin, Transport: &http.Transport{DisableKeepAlives: true}}

// voter is a browser that votes.
type voter struct {
	cookie string
	option int // of its last vote that was accepted; -1 for none
}

// vote votes through a leaderboard. The first time, the page to vote gives the voter its cookie.
func (v *voter) vote(ctx context.Context, addr string, option int) error {
	if v.cookie == "" {
		_, cookies, err := send(ctx, phones, http.MethodGet, "http://"+addr+"/predict", "", http.Header{"Accept": {"text/html"}})
		if err != nil {
			return err
		}
		for _, cookie := range cookies {
			v.cookie = cookie.Name + "=" + cookie.Value
		}
	}

	_, _, err := send(ctx, phones, http.MethodPost, "http://"+addr+"/api/prediction/vote", fmt.Sprintf(`{"option":%d}`, option), http.Header{"Cookie": {v.cookie}})
	if err == nil {
		v.option = option
	}
	return err
}

// vote has voters vote. Each goes from one leaderboard to the next until one accepts its vote. Each leaderboard gets
// the same number of votes at a time, so that those that forward votes have equally many connections to the holder
// after each question.
func (c *class) vote(ctx context.Context, voters []*voter, option int) error {
	all, ctx := errgroup.WithContext(ctx)
	workers := votesAtOnce * len(c.boards)
	for w := range workers {
		all.Go(func() error {
			for i := w; i < len(voters); i += workers {
				try := w
				vote := func() error { try++; return voters[i].vote(ctx, c.boards[try%len(c.boards)], option) }
				if err := c.until(ctx, "a vote", vote); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return all.Wait()
}

// question asks the room a question. Two thirds of the voters vote, then amid is called, and then the last two thirds vote: some
// before, some after, some again. A miscount is a fault.
func (c *class) question(ctx context.Context, amid func() error) (fault, err error) {
	if err := c.until(ctx, "a question", func() error { return c.openQuestion(ctx) }); err != nil {
		return nil, err
	}
	for _, v := range c.voters {
		v.option = -1
	}

	third := len(c.voters) / 3
	if err := c.vote(ctx, c.voters[:len(c.voters)-third], 0); err != nil {
		return nil, err
	}
	if err := amid(); err != nil {
		return nil, err
	}
	if err := c.vote(ctx, c.voters[third:], 1); err != nil {
		return nil, err
	}

	var shown tally
	err = c.until(ctx, "the counts", func() (err error) { shown, err = c.closeQuestion(ctx); return err })
	return miscount(c.voters, shown), err
}

func (c *class) openQuestion(ctx context.Context) error {
	holder, err := c.holder(ctx)
	if err != nil {
		return err
	}
	_, _ = c.ask(ctx, http.MethodPost, c.boards[holder], "/api/instructor/prediction/cancel", "{}") // rejected if none is open

	kind := "split"
	if c.flags.Members == 5 { // one for each partition
		kind = "idle"
	}
	_, err = c.ask(ctx, http.MethodPost, c.boards[holder], "/api/instructor/prediction", fmt.Sprintf(`{"question":%q}`, kind))
	return err
}

// stored waits until Postgres has the accepted votes: a kill may lose those of the last second.
func (c *class) stored(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // nothing was written

	want := 0
	for _, v := range c.voters {
		if v.option >= 0 {
			want++
		}
	}
	return c.until(ctx, "stored votes", func() error {
		n := 0
		err := conn.QueryRow(ctx, "SELECT count(*) FROM votes WHERE prediction = (SELECT max(id) FROM predictions)").Scan(&n)
		if err == nil && n != want {
			err = fmt.Errorf("%d of %d votes are stored", n, want)
		}
		return err
	})
}

// tally is the result of a question, as the holder of the room shows it.
type tally struct {
	Phase  string `json:"phase"`
	Votes  int    `json:"votes"`
	Counts []int  `json:"counts"` // by option; null until the question is closed
}

func (c *class) closeQuestion(ctx context.Context) (t tally, err error) {
	holder, err := c.holder(ctx)
	if err != nil {
		return t, err
	}
	_, refused := c.ask(ctx, http.MethodPost, c.boards[holder], "/api/instructor/prediction/close", "{}") // when it is closed already, too

	err = c.get(ctx, c.boards[holder], "/api/prediction", &t)
	if err == nil && t.Counts == nil {
		err = fmt.Errorf("the vote is still %s: %w", t.Phase, refused)
	}
	return t, err
}

// miscount returns an error unless each voter's last vote was counted, once.
func miscount(voters []*voter, shown tally) error {
	want := make([]int, len(shown.Counts))
	votes := 0
	for _, v := range voters {
		if v.option >= 0 && v.option < len(want) {
			want[v.option]++
			votes++
		}
	}
	if shown.Votes != votes || !slices.Equal(shown.Counts, want) {
		return fmt.Errorf("%d votes %v were accepted, and %d %v are shown", votes, want, shown.Votes, shown.Counts)
	}
	return nil
}
