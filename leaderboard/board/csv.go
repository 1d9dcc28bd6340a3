package board

import (
	"encoding/csv"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// exportCSV returns the handler that attaches what write outputs for the current round.
func (b *Board) exportCSV(suffix string, write func(io.Writer, game.Board) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		s := b.view.Load()
		attach(c, s.Truth, suffix)
		c.Header("Content-Type", "text/csv; charset=utf-8")
		c.Status(http.StatusOK)
		return write(c.Writer, s.Truth)
	}
}

// writeCSV writes a line for each team. A badge's column contains the time at which it was earned.
func writeCSV(w io.Writer, b game.Board) error {
	out := csv.NewWriter(w)
	head := []string{"round", "lesson", "rank", "team", "name", "group", "points"}
	for _, badge := range b.Badges {
		head = append(head, badge.ID)
	}
	head = append(head, "firsts", "accepted", "rejected", "duplicate", "unverifiable", "earlier", "precision", "recall", "predicted", "foreseen")
	if err := out.Write(head); err != nil {
		return err
	}

	for _, t := range byRank(b) {
		line := []string{
			strconv.Itoa(b.Round), b.Lesson, strconv.Itoa(t.Rank), strconv.Itoa(t.Team),
			workshop.SpreadsheetCell(t.Name), workshop.SpreadsheetCell(t.Group), strconv.Itoa(t.Points),
		}
		var firsts []string
		for _, m := range marks(b.Badges, t) {
			at := ""
			if m.Got != nil {
				at = m.Got.EarnedAt.UTC().Format(workshop.TimeFormat)
			}
			if m.ByMe {
				firsts = append(firsts, m.ID)
			}
			line = append(line, at)
		}
		line = append(line, strings.Join(firsts, " "))

		a := t.Actions
		for _, n := range []int64{a.Accepted, a.Rejected, a.Duplicate, a.Unverifiable, a.Earlier} {
			line = append(line, strconv.FormatInt(n, 10))
		}
		line = append(line, share(t.Precision), share(t.Recall))
		predicted := 0
		for _, p := range b.Predictions {
			if p.Answer != nil && p.Of(t.Team).Counts != nil {
				predicted++
			}
		}
		line = append(line, strconv.Itoa(predicted), strconv.Itoa(len(game.Foreseen(b.Predictions, t.Team))))
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func share(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', 4, 64)
}

// writePredictionsCSV writes a line for each option of each prediction and each team that voted, with the guests as team 0.
func writePredictionsCSV(w io.Writer, b game.Board) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"round", "prediction", "kind", "about_team", "question", "phase", "option", "text", "happened", "team", "votes", "before_talk"}); err != nil {
		return err
	}

	for _, p := range b.Predictions {
		counts, first := votesByTeam(p)
		for option, text := range p.Question.Options {
			for _, team := range slices.Sorted(maps.Keys(counts)) {
				happened := p.Answer != nil && p.Answer.Option == option
				line := []string{
					strconv.Itoa(p.Round), strconv.FormatInt(p.ID, 10), p.Question.Kind, strconv.Itoa(p.Question.Team), workshop.SpreadsheetCell(p.Question.Text), p.Phase,
					strconv.Itoa(option), workshop.SpreadsheetCell(text), strconv.FormatBool(happened), strconv.Itoa(team), votesOf(counts[team], option), votesOf(first[team], option),
				}
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// votesByTeam returns a closed vote by team, with the guests as team 0.
func votesByTeam(p game.Prediction) (counts, first map[int][]int) {
	if p.Tally == nil || p.ClosedAt.IsZero() {
		return nil, nil
	}
	return withGuests(p.Tally.Counts, p.Tally.Teams), withGuests(p.Tally.First, p.Tally.FirstTeams)
}

func withGuests(all []int, teams map[int][]int) map[int][]int {
	if all == nil {
		return nil
	}

	guests := slices.Clone(all)
	for _, votes := range teams {
		for option, n := range votes {
			guests[option] -= n
		}
	}
	out := maps.Clone(teams)
	if out == nil {
		out = map[int][]int{}
	}
	out[0] = guests
	return out
}

// votesOf returns the votes for an option, or "" if there was no such vote.
func votesOf(counts []int, option int) string {
	if option >= len(counts) {
		return ""
	}
	return strconv.Itoa(counts[option])
}
