package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
)

const (
	phones   = 24
	votesFor = 8 * time.Second // how long the demo's room votes
)

// A question is the part of a prediction that a phone reads.
type question struct {
	Phase   string `json:"phase"`
	Options []struct {
		Option int `json:"option"`
	} `json:"options"`
}

// vote lets scripted phones vote on the open question, each after a random delay. It returns when the time to vote is
// over, or at once if no question is open.
func (s *stack) vote(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.paced(votesFor))
	defer cancel()
	q, err := s.question(ctx)
	if err != nil || q.Phase != "open" {
		return // the question could not be asked; the instructor's log has the reason
	}

	var all sync.WaitGroup
	for range phones {
		all.Go(func() {
			if kafka.Sleep(ctx, s.paced(rand.N(votesFor-time.Second))) {
				_ = s.voteOnce(ctx, rand.IntN(len(q.Options))) // a phone without wifi does not vote
			}
		})
	}
	all.Wait()
	<-ctx.Done()
}

func (s *stack) question(ctx context.Context) (q question, err error) {
	return q, s.read(ctx, "/api/prediction", &q)
}

// stepNow returns the number of the step that the class is in; 0 before the first.
func (s *stack) stepNow(ctx context.Context) (int, error) {
	var board struct {
		Step struct {
			Number int `json:"number"`
		} `json:"step"`
	}
	err := s.read(ctx, "/api/board", &board)
	return board.Step.Number, err
}

// read decodes a response of the board that needs no login.
func (s *stack) read(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.flags.Board+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// voteOnce opens the vote page, as a phone's browser does, and votes.
func (s *stack) voteOnce(ctx context.Context, option int) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}

	page, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.flags.Board+"/predict", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(page)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()

	body := strings.NewReader(fmt.Sprintf(`{"option":%d}`, option))
	vote, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.flags.Board+"/api/prediction/vote", body)
	if err != nil {
		return err
	}
	vote.Header.Set("Content-Type", "application/json")
	resp, err = client.Do(vote)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

// closeVote closes the vote if one is open.
func (s *stack) closeVote(ctx context.Context) error {
	q, err := s.question(ctx)
	if err != nil || q.Phase != "open" {
		return err
	}
	return s.command(ctx, "/prediction/close", nil)
}
