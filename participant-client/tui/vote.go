package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/story"

	tea "charm.land/bubbletea/v2"
)

// answerShown is how long an answer stays on the screen. It stays longer under WHAT HAPPENED.
const answerShown = time.Minute

// An Ask draws the room's question and votes on it. The screens of members and of workers have one.
type Ask struct {
	board      *story.Board
	answeredAt time.Time // when the last answer to a question came
}

// NewAsk returns an Ask for the questions of a leaderboard.
func NewAsk(b *story.Board) *Ask { return &Ask{board: b} }

// Note records what is new on the leaderboard.
func (a *Ask) Note(s story.Sentence, now time.Time) {
	if s.Kind == story.Answered {
		a.answeredAt = now
	}
}

// Now returns the question to show, or its answer for a while; nil for none.
func (a *Ask) Now(now time.Time) *story.Prediction {
	p := a.board.Prediction
	if p != nil && p.Answered() && now.Sub(a.answeredAt) > answerShown {
		return nil
	}
	return p
}

// Open reports whether there is a question that can be voted on.
func (a *Ask) Open(now time.Time) bool {
	p := a.Now(now)
	return p != nil && p.Open()
}

// Line draws the question, or its answer, in up to most lines.
func (a *Ask) Line(paint *Palette, now time.Time, width, most int) []string {
	p := a.Now(now)
	if p == nil {
		return nil
	}

	text, style := p.Question, paint.Soft
	switch {
	case p.Answered():
		text, style = p.Sentence(now).Text(), paint.Gold
	case p.Open() && p.Mine >= 0:
		text = fmt.Sprintf("You say %s (v changes it): %s", p.Text(p.Mine), p.Question)
	case p.Open():
		text, style = "v votes: "+p.Question, paint.Warn.Bold(true)
	}
	return Marked("?", style, text, width, most)
}

// Page draws the question with its options, and the room's votes once the vote is closed.
func (a *Ask) Page(paint *Palette, now time.Time, width int) []string {
	p := a.Now(now)
	if p == nil {
		return nil
	}

	lines := []string{Rule(paint, "THE ROOM IS ASKED", width)}
	for _, line := range Wrap(p.Question, width-4) {
		lines = append(lines, "  "+paint.Strong.Render(line))
	}
	for i, o := range p.Options {
		lines = append(lines, drawOption(paint, p, i, o, width)) // the page cuts it
	}

	lines = append(lines, "")
	for _, line := range Wrap(voteHint(p, now), width-4) {
		lines = append(lines, "  "+paint.Soft.Render(line))
	}
	return lines
}

func drawOption(paint *Palette, p *story.Prediction, i int, o story.Option, width int) string {
	style := paint.Text
	mark := ""
	if p.Answered() && p.Answer.Option == o.Option {
		style, mark = paint.Good.Bold(true), "  ✓"
	}
	if p.Mine == o.Option {
		mark += "  ◀ yours"
	}

	counted := i < len(p.Counts) && len(p.Counts) == len(p.Options)
	room := width - len("  1    ◀ yours")
	if counted {
		room = width / 2
	}
	line := "  " + paint.Strong.Render(fmt.Sprint(i+1)) + "  " + style.Render(Pad(o.Text, min(widestOption(p), room)))
	if counted {
		most := max(slices.Max(p.Counts), 1)
		bar := strings.Repeat("█", p.Counts[i]*20/most)
		line += "  " + paint.Soft.Render(fmt.Sprintf("%4d ", p.Counts[i])) + paint.Gold.Render(bar)
	}
	return line + paint.Gold.Render(mark)
}

// widestOption returns how wide the options' column would be, in cells.
func widestOption(p *story.Prediction) int {
	widest := 0
	for _, o := range p.Options {
		widest = max(widest, Visible(o.Text))
	}
	return widest
}

// voteHint describes what can be done now, or what happened.
func voteHint(p *story.Prediction, now time.Time) string {
	votes := fmt.Sprintf("%d votes so far", p.Votes)
	if p.Votes == 1 {
		votes = "1 vote so far"
	}
	switch {
	case p.Answered():
		return p.Sentence(now).Text()
	case !p.Open():
		return "The vote is closed: watch what happens."
	case p.Mine >= 0:
		return votes + ". You may change yours until the vote is closed."
	}
	return fmt.Sprintf("%s. Press 1 to %d.", votes, len(p.Options))
}

// Vote sends a vote; its result is a DoneMsg. The screen continues meanwhile.
func (a *Ask) Vote(pressed string, now time.Time) tea.Cmd {
	p := a.Now(now)
	i := int(pressed[0] - '1') // the keys are 1 to 5
	if p == nil || i >= len(p.Options) {
		return nil
	}
	o := p.Options[i]
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := a.board.Vote(ctx, p, o.Option); err != nil {
			return DoneMsg{"Your vote does not count: " + err.Error()}
		}
		return DoneMsg{"Your vote: " + o.Text}
	}
}
