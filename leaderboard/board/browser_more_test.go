package board

import (
	"fmt"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"
)

// For any number of teams, no row extends beyond the screen, and each has room for its number.
func TestManyTeamsFitTheProjector(t *testing.T) {
	for _, teams := range []int{30, 60, 100, 230, 2000} {
		r := newRoom(t, newSample(teams))
		tab := browsertest.New(t)
		tab.Open(t, r.url+"/", 1920, 1080)
		want(t, tab, `document.body.dataset.live`)
		out := `[...document.querySelectorAll('.row')].filter(e => e.checkVisibility()).filter(e => { const b = e.getBoundingClientRect(); return b.right > 1920 || b.bottom > document.querySelector('.bottom').getBoundingClientRect().top + 1; }).length`
		if n := tab.Text(t, out); n != "0" {
			t.Errorf("%d teams: %s rows run off", teams, n)
		}
		small := tab.Text(t, `Math.min(...[...document.querySelectorAll('.name,.points,.rank')].map(e => parseFloat(getComputedStyle(e).fontSize)))`)
		if small != "27.2" && small != "30.4" && small != "33.6" {
			t.Errorf("%d teams: names, ranks and points of %s px", teams, small)
		}
		cut := `[...document.querySelectorAll('.rank,.points,.name')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent).join()`
		if teams == 2000 {
			tab.Open(t, r.url+"/?page=20", 1920, 1080)
			want(t, tab, `document.body.dataset.live`)
		}
		if text := tab.Text(t, cut); text != "" {
			t.Errorf("%d teams: no room for %s", teams, text)
		}
	}
}

// A proxy holds the stream back: the page polls instead, and switches to the stream when it arrives.
func TestWithoutEventsThePagePolls(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	r.mute.Store(true)
	tab := browsertest.New(t)
	for _, path := range []string{"/", "/teams/1"} {
		tab.Open(t, r.url+path, 1280, 800)
		r.members(s, 1, 2)
		owners := `[...document.querySelectorAll('.cell[data-team="1"]')].map(c => c.dataset.owner).join(' ')`
		want(t, tab, owners+` === 'kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1'`)
		s.Public.Message = "said to " + path
		r.members(s, 1, 6)
		want(t, tab, `document.querySelector('#say').textContent.includes('said to '+location.pathname) && !document.querySelector('#theme').hidden`)
		want(t, tab, owners+` === 'kgo-1-0 kgo-1-1 kgo-1-2 kgo-1-3 kgo-1-4'`)
		want(t, tab, `!document.body.classList.contains('disconnected') && !document.body.dataset.live`)
	}
	quiet(t, tab)
}

// Figures tick while their rows stay the same: a page that polls shows them too.
func TestAPageThatPollsShowsTheLatestFigures(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	r.mute.Store(true)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1280, 800)
	for _, lag := range []int64{777, 333} {
		s.change(1, func(t *game.Team) { t.Lag = &lag })
		r.show(s)
		want(t, tab, fmt.Sprintf(`document.querySelector('#t1-figures .lag b').textContent === '%d'`, lag))
	}
	quiet(t, tab)
}

// A visitor who is not logged in is asked for the token, and then gets to the page.
func TestTheInstructorLogsIn(t *testing.T) {
	r := newRoom(t, newSample(3))
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/instructor", 1280, 800)
	want(t, tab, `location.pathname === '/login'`)
	tab.Text(t, `document.querySelector('#token').value = '`+token+`'`)
	tab.Text(t, `document.querySelector('button').click()`)
	want(t, tab, `location.pathname === '/instructor' && document.querySelector('#help')`)
}

func TestTheChosenThemeIsRemembered(t *testing.T) {
	r := newRoom(t, newSample(3))
	tab := browsertest.New(t)
	prefer(t, tab, "dark")
	ground := func() string { return tab.Text(t, `getComputedStyle(document.body).backgroundColor`) }
	tab.Open(t, r.url+"/", 1920, 1080)
	dark := ground()
	tab.Text(t, `document.querySelector('#theme').click()`)
	light := ground()
	if light == dark {
		t.Fatalf("the button changes nothing: %s", dark)
	}
	for _, path := range []string{"/", "/teams/1", "/join", "/lessons/scale-up"} {
		tab.Open(t, r.url+path, 1920, 1080)
		if got := ground(); got != light {
			t.Errorf("%s is %s, chosen was %s", path, got, light)
		}
	}
	tab.Text(t, `document.querySelector('#theme').click()`)
	tab.Open(t, r.url+"/", 1920, 1080)
	if got := ground(); got != dark {
		t.Errorf("chosen again: %s, want %s", got, dark)
	}
	quiet(t, tab)
}
