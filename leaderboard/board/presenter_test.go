package board

import (
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
)

func TestThePresenterRunsTheSheet(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)

	want(t, tab, `document.querySelector('#sheet h2').textContent === 'Step 4 of 14: Who reads what'`)
	want(t, tab, `/^\+?\d+:\d\d$/.test(document.querySelector('#sheet .countdown').textContent)`)

	evaluate(t, tab, `document.querySelector('#sheet [data-key=next]').focus(); document.activeElement.click()`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	r.commands.want(t, "step 5")
	s.Instructor.Sheet.Step = 14 // the last step: the focused button does nothing now
	ends := workshop.At(sampleNow.Add(time.Hour))
	s.Instructor.Sheet.EndsAt = &ends
	r.show(s)
	want(t, tab, `document.querySelector('#sheet h2').textContent === 'Step 14 of 14: Reveal'`)
	want(t, tab, `document.activeElement.dataset.key === 'next' && document.activeElement.getAttribute('aria-disabled') === 'true'`)
	evaluate(t, tab, `document.activeElement.click()`)

	key := func(k string) {
		t.Helper()
		evaluate(t, tab, `document.querySelector('#result').textContent = ''; document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '`+k+`', bubbles: true}))`)
		want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	}
	key("b")
	key("+")
	r.commands.want(t, "step 5", "step 13", "extend 1m0s")
	evaluate(t, tab, `document.querySelector('#text').focus(); document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'b', bubbles: true}))`)

	evaluate(t, tab, `document.querySelector('#rate').value = '1,5'; document.querySelector('#controls form button').click()`)
	want(t, tab, `document.querySelector('#rate').value === ''`)
	evaluate(t, tab, `document.querySelector('#spot').value = '3'; document.querySelector('#spot').dispatchEvent(new Event('change', {bubbles: true}))`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	r.commands.want(t, "step 5", "step 13", "extend 1m0s", "load 1.5", "spotlight 3")

	evaluate(t, tab, `document.querySelector('#rate').value = 'lots'; document.querySelector('#controls form button').click()`)
	want(t, tab, `document.querySelector('#result').classList.contains('bad') && document.querySelector('#rate').value === 'lots'`)
	quiet(t, tab)
}

// A button that disappears passes its focus to its part, not to the top of the page.
func TestFocusIsNeverLost(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	want(t, tab, `document.body.dataset.live === 'yes'`)

	evaluate(t, tab, `document.querySelector('#acts [data-key=freeze]').focus()`)
	s.Public.Frozen, s.Truth.Frozen = true, true
	r.show(s)
	want(t, tab, `document.querySelector('#acts [data-key=play]')`)
	want(t, tab, `document.activeElement.closest('#acts')`)
	if key := tab.Text(t, `document.activeElement.dataset.key`); key == "freeze" {
		t.Error("the button for freeze is still there")
	}
	quiet(t, tab)
}

// On a phone, the presenter's controls come before the teams.
func TestOnAPhoneActsComeFirst(t *testing.T) {
	r := newRoom(t, newSample(15))
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 390, 844)
	order := `(() => {
		const top = q => document.querySelector(q).getBoundingClientRect().top;
		const tops = ['#sheet', '#controls', '#text', '#acts', '#help', '#rows', '#log', '#health'].map(top);
		return tops.every((t, i) => i === 0 || t >= tops[i - 1]) && document.querySelector('#sheet [data-key=next]').getBoundingClientRect().bottom < innerHeight;
	})()`
	if got := tab.Text(t, order); got != "true" {
		t.Errorf("the order of the page is %s", tab.Text(t, `['#sheet', '#controls', '#text', '#acts', '#help', '#rows', '#log', '#health'].map(q => document.querySelector(q).getBoundingClientRect().top).join()`))
	}
}
