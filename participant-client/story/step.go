package story

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
)

// A Step is the step of the run sheet that the class is in.
type Step struct {
	Number int       `json:"number"`
	Of     int       `json:"of"`
	Title  string    `json:"title"`
	EndsAt time.Time `json:"ends_at"` // by this machine's clock
}

// Left formats the time that is left as 03:20, and overtime as +01:10.
func (s Step) Left(now time.Time) string {
	seconds := int(math.Ceil(s.EndsAt.Sub(now).Seconds()))
	sign := ""
	if seconds < 0 {
		seconds, sign = -seconds, "+"
	}
	return fmt.Sprintf("%s%02d:%02d", sign, seconds/60, seconds%60)
}

// A boardHead is what the screen needs of the board.
type boardHead struct {
	frozen bool
	step   *Step // nil for none, or from a leaderboard without run sheets
}

// fetchBoard reads the beginning of the board, up to the teams: those of a large room are long.
func (p *poller) fetchBoard(ctx context.Context) (head boardHead, err error) {
	err = p.get(ctx, "/api/board", func(resp *http.Response) error {
		head, err = readBoardHead(json.NewDecoder(io.LimitReader(resp.Body, longestAnswer)))
		if head.step != nil {
			head.step.Title = Clean(head.step.Title)
			head.step.EndsAt = head.step.EndsAt.Add(ahead(resp, time.Now()))
		}
		return err
	})
	return head, err
}

// ahead returns how far this machine's clock is ahead of the leaderboard's.
func ahead(resp *http.Response, now time.Time) time.Duration {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	behind := now.Sub(date)
	if behind >= 0 && behind < 2*time.Second {
		return 0 // the header has whole seconds
	}
	return behind
}

// readBoardHead reads the fields of an object up to teams.
func readBoardHead(answer *json.Decoder) (head boardHead, err error) {
	if _, err := answer.Token(); err != nil {
		return head, err
	}
	for answer.More() {
		name, err := answer.Token()
		if err != nil {
			return head, err
		}

		switch name {
		case "teams":
			return head, nil
		case "frozen":
			err = answer.Decode(&head.frozen)
		case "step":
			err = answer.Decode(&head.step)
		default:
			var other json.RawMessage
			err = answer.Decode(&other)
		}
		if err != nil {
			return head, err
		}
	}

	return head, nil
}
