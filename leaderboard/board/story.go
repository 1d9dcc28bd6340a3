package board

import (
	"fmt"
	"slices"

	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// A story is the data of the page about one team's round.
type story struct {
	roundPage
	Team    game.TeamRecord
	Strip   strip
	Figures game.Figures
	Guesses []guess
}

// A provenBadge is a badge with the sentence that states its evidence.
type provenBadge struct {
	mark
	Award    game.Award
	Evidence string
}

// Earned returns the team's badges, the oldest first.
func (s story) Earned() []provenBadge {
	var out []provenBadge
	for _, m := range s.BadgesOf(s.Team) {
		if a, ok := award(s.Team, m.ID); ok {
			out = append(out, provenBadge{m, a, a.EvidenceText()})
		}
	}
	slices.SortStableFunc(out, func(a, b provenBadge) int { return a.Award.At.Compare(b.Award.At) })
	return out
}

func (b *Board) storyPage(c *gin.Context) error {
	t, record, err := b.teamRecordOf(c)
	if err != nil {
		return err
	}
	s := story{roundPage: b.roundPage(c, record), Team: t, Figures: t.History.Figures(record.Until.Time)}
	s.Guesses = guessesOf(record.Predictions, t.Team)
	s.Strip = wholeStrip(t, record, s.Badges)
	s.Strip.Live = false // the page shows the state at its loading
	return b.writePage(c, page{Title: fmt.Sprintf("%s in round %d", t.Name, record.Round), Kind: "story", Round: s})
}

// A guess is a prediction of the round with one team's vote.
type guess struct {
	game.Prediction
	game.TeamVote
}

func guessesOf(all []game.Prediction, team int) []guess {
	out := make([]guess, len(all))
	for i, p := range all {
		out[i] = guess{p, p.Of(team)}
	}
	return out
}

// A guessRow is an option with the team's votes.
type guessRow struct {
	Text     string
	Votes    int
	Before   *int64 // votes before the discussion; nil without a second vote
	Chosen   bool   // by the majority
	Happened bool
}

// Rows returns the options once the vote is closed.
func (g guess) Rows() []guessRow {
	if g.ClosedAt.IsZero() {
		return nil
	}

	out := make([]guessRow, len(g.Question.Options))
	for i, text := range g.Question.Options {
		out[i] = guessRow{Text: text, Chosen: g.Choice == i, Happened: g.Answer != nil && g.Answer.Option == i}
		if i < len(g.Counts) {
			out[i].Votes = g.Counts[i]
		}
		if i < len(g.First) {
			n := int64(g.First[i])
			out[i].Before = &n
		}
	}
	return out
}

// Outcome returns the option that happened.
func (g guess) Outcome() string { return g.Question.Options[g.Answer.Option] }

// Verdict describes how the team's vote turned out.
func (g guess) Verdict() string {
	switch {
	case g.Phase == game.PredictionOpen || g.Phase == game.PredictionAgain:
		return "The room votes on it now."
	case g.Phase == game.PredictionCancelled:
		return "No answer: " + g.Reason + "."
	case g.Hidden:
		return "How the team voted is shown after the reveal, as the rest of the score."
	case g.Phase == game.PredictionClosed:
		return "The room does it, and Kafka has not answered yet."
	case g.Counts == nil:
		return "Nobody voted for the team."
	case g.Choice < 0:
		return "No option had more than half of the team's votes, so it does not count."
	case g.Right:
		return "Right: it counts for Foresight."
	}
	return "The team expected something else."
}

// Foreseen describes the team's progress towards Foresight.
func (s story) Foreseen() string {
	right := len(game.Foreseen(s.Record.Predictions, s.Team.Team))
	return fmt.Sprintf("%d of %d right predictions for Foresight", right, game.ForesightFrom)
}
