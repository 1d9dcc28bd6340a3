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

// answerShown is how long an answer stays on the screen. It stands under WHAT HAPPENED longer.
const answerShown = time.Minute

// asked is the question to show, or its answer for a while; nil for none.
func (m *model) asked() *story.Prediction {
	p := m.story.Prediction
	if p != nil && p.Answered() && m.story.Scene.Now.Sub(m.answeredAt) > answerShown {
		return nil
	}
	return p
}

// drawAsk draws the room's question, or its answer.
func (m *model) drawAsk(l layout) []string {
	p := m.asked()
	if p == nil {
		return nil
	}

	t := &m.theme
	text, style := p.Question, t.soft
	switch {
	case p.Answered():
		text, style = p.Sentence(m.story.Scene.Now).Text(), t.gold
	case p.Open() && p.Mine >= 0:
		text = fmt.Sprintf("You say %s (v changes it): %s", p.Text(p.Mine), p.Question)
	case p.Open():
		text, style = "v votes: "+p.Question, t.warn.Bold(true)
	}
	return marked("?", style, text, l.width, l.ask.lines)
}

// drawVote draws the question with its options, and what the room said once the vote is closed.
func (m *model) drawVote(l layout) []string {
	p := m.asked()
	if p == nil {
		return nil
	}

	t := &m.theme
	lines := []string{m.rule("THE ROOM IS ASKED", l.width)}
	for _, line := range wrap(p.Question, l.width-4) {
		lines = append(lines, "  "+t.strong.Render(line))
	}
	for i, o := range p.Options {
		lines = append(lines, m.drawOption(p, i, o)) // put cuts it
	}

	lines = append(lines, "")
	for _, line := range wrap(m.voteHint(p), l.width-4) {
		lines = append(lines, "  "+t.soft.Render(line))
	}
	return lines
}

func (m *model) drawOption(p *story.Prediction, i int, o story.Option) string {
	t := &m.theme
	style := t.text
	mark := ""
	if p.Answered() && p.Answer.Option == o.Option {
		style, mark = t.good.Bold(true), "  ✓"
	}
	if p.Mine == o.Option {
		mark += "  ◀ yours"
	}

	line := "  " + t.strong.Render(fmt.Sprint(i+1)) + "  " + style.Render(pad(o.Text, m.widestOption(p)))
	if i < len(p.Counts) && len(p.Counts) == len(p.Options) {
		most := max(slices.Max(p.Counts), 1)
		bar := strings.Repeat("█", p.Counts[i]*20/most)
		line += "  " + t.soft.Render(fmt.Sprintf("%4d ", p.Counts[i])) + t.gold.Render(bar)
	}
	return line + t.gold.Render(mark)
}

// widestOption is how wide the options' column is, in cells.
func (m *model) widestOption(p *story.Prediction) int {
	widest := 0
	for _, o := range p.Options {
		widest = max(widest, visible(o.Text))
	}
	return min(widest, m.width/2)
}

// voteHint says what can be done now, or what happened.
func (m *model) voteHint(p *story.Prediction) string {
	votes := fmt.Sprintf("%d votes so far", p.Votes)
	if p.Votes == 1 {
		votes = "1 vote so far"
	}
	switch {
	case p.Answered():
		return p.Sentence(m.story.Scene.Now).Text()
	case !p.Open():
		return "The vote is closed: watch what happens."
	case p.Mine >= 0:
		return votes + ". You may change yours until the vote is closed."
	}
	return fmt.Sprintf("%s. Press 1 to %d.", votes, len(p.Options))
}

// vote sends a vote. The members go on meanwhile.
func (m *model) vote(pressed string) tea.Cmd {
	p := m.asked()
	i := int(pressed[0] - '1') // the keys are 1 to 5
	if i >= len(p.Options) {
		return nil
	}
	o := p.Options[i]
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := m.story.Vote(ctx, p, o.Option); err != nil {
			return doneMsg{"Your vote does not count: " + err.Error()}
		}
		return doneMsg{"Your vote: " + o.Text}
	}
}
