package board

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// typed presses keys as a keyboard does.
func typed(t *testing.T, tab *browsertest.Tab, keys string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.KeyEvent(keys)); err != nil {
		t.Fatal(err)
	}
}

const (
	focused   = `document.activeElement`
	announced = `document.getElementById('announcer').textContent`
)

// answer changes the sample's question to an answered one.
func (s *sample) answer(option int) {
	s.ask(1, game.PredictionAnswered)
	s.Public.Prediction.Counts = make([]int, 4)
	s.Public.Prediction.Answer = &game.AnswerView{Option: option, Because: "Each partition has one owner in a group."}
}

// With the keyboard alone: the focus stays while the page changes, and changes are announced.
func TestVotingWithKeysAndAScreenReader(t *testing.T) {
	s := newSample(6)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/predict", 1280, 900)
	want(t, tab, `document.querySelector('fieldset.options') && document.getElementById(document.querySelector('.options').getAttribute('aria-labelledby')).textContent.startsWith('team-3 has')`)
	for range 4 { // past the bar's two links and its button, to the first option
		if tab.Text(t, `String(!!`+focused+`.closest('.option'))`) != "true" {
			typed(t, tab, kb.Tab)
		}
	}
	typed(t, tab, kb.Tab)
	typed(t, tab, kb.Enter)
	voted := focused + `.matches('.option.mine[value="1"][aria-pressed="true"]')`
	want(t, tab, voted+` && `+announced+`.startsWith('Your vote counts') && document.querySelectorAll('[aria-pressed="true"]').length === 1`)

	s.ask(1, game.PredictionAgain)
	r.show(s)
	want(t, tab, `document.getElementById('predict').dataset.phase === 'again' && `+voted+` && `+announced+`.includes('vote again')`)
	s.ask(1, game.PredictionClosed)
	r.show(s)
	want(t, tab, `document.getElementById('predict').dataset.phase === 'closed' && `+voted+` && `+announced+`.startsWith('The vote is closed')`)
	typed(t, tab, kb.Enter) // it no longer counts
	s.answer(1)
	r.show(s)
	want(t, tab, `document.getElementById('predict').dataset.phase === 'answered' && `+voted+` && `+announced+` === 'Kafka has answered. 3 + 2 Each partition has one owner in a group.'`)

	s.ask(2, game.PredictionOpen) // another question: a late key does not vote
	r.show(s)
	want(t, tab, `document.getElementById('predict').dataset.id === '2' && `+focused+`.tagName === 'H1' && `+announced+`.startsWith('team-3 has one member')`)
	typed(t, tab, kb.Enter)
	typed(t, tab, kb.Tab)
	want(t, tab, focused+`.matches('.option[value="0"]') && !document.querySelector('.option.mine')`)
	quiet(t, tab)
}

// A focused link keeps the focus after updates too.
func TestTheFocusStaysOnALink(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/predict", 390, 844)
	evaluate(t, tab, `document.querySelector('#predict a').focus()`)
	s.ask(1, game.PredictionOpen)
	r.show(s)
	want(t, tab, `document.getElementById('predict').dataset.id === '1' && `+focused+`.matches('#predict a')`)
	quiet(t, tab)
}

// In every phase, dark and light, the voting page fits a phone and has no fault that axe-core detects.
func TestAxeFindsNothingOnThePageToVote(t *testing.T) {
	axe := axeJS(t)
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	for _, phase := range []string{"", game.PredictionOpen, game.PredictionAgain, game.PredictionClosed, game.PredictionCancelled, game.PredictionAnswered} {
		if phase != "" {
			s.ask(1, phase)
		}
		switch phase {
		case game.PredictionAnswered:
			s.answer(2)
		case game.PredictionCancelled:
			s.Public.Prediction.Reason = "could not be observed: nothing that decides it happened within 90 s"
		}
		r.show(s)
		for _, theme := range []string{"dark", "light"} {
			prefer(t, tab, theme)
			tab.Open(t, r.url+"/predict", 390, 844)
			if phase == game.PredictionOpen {
				evaluate(t, tab, `document.querySelector('.option[value="1"]').click()`)
				want(t, tab, `document.querySelector('.option.mine')`)
			}
			if faults := axeFaults(t, tab, axe); faults != "" {
				t.Errorf("%s, %s:\n%s", phase, theme, faults)
			}
			if got := tab.Text(t, "document.documentElement.scrollWidth <= innerWidth"); got != "true" {
				t.Errorf("%s, %s: it scrolls sideways", phase, theme)
			}
			tab.Screenshot(t, fmt.Sprintf("predict-%s-%s", phase, theme))
		}
	}
	quiet(t, tab)
}

// Without scripts, the page votes by its form; a closed vote has none.
func TestAFormVotes(t *testing.T) {
	s := newSample(6)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	guest := phone(t)
	post := func(option string) int {
		t.Helper()
		resp, err := guest.Post(r.url+"/predict", "application/x-www-form-urlencoded", strings.NewReader("option="+option))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if status := post("1"); status != http.StatusOK || r.ballot.Count() != 0 { // it gets the page and a cookie
		t.Errorf("without a cookie: %d, %d votes", status, r.ballot.Count())
	}
	for _, option := range []string{"1", "2"} {
		if status := post(option); status != http.StatusOK || r.ballot.Count() != 1 {
			t.Errorf("%d, %d votes", status, r.ballot.Count())
		}
	}
	if status := post("many"); status != http.StatusBadRequest {
		t.Errorf("no option: %d", status)
	}

	s.ask(1, game.PredictionClosed)
	r.show(s)
	if status := post("1"); status != http.StatusConflict || r.ballot.Tally().Counts[2] != 1 {
		t.Errorf("after closing: %d", status)
	}
	if page := r.get(t, "/predict", false, http.StatusOK); strings.Contains(page, `name="option"`) {
		t.Error("the closed vote has buttons that send")
	}
}
