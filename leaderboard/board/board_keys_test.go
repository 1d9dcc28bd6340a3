package board

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

func TestTheStepCountsDownAndThenUp(t *testing.T) {
	s := newSample(3)
	ends := func(in time.Duration) {
		step := *s.Public.Step
		step.EndsAt = workshop.At(sampleNow.Add(in))
		s.Public.Step = &step
	}
	ends(61 * time.Second)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.querySelector('#step').textContent.startsWith('Step 4 of 14 ') && document.querySelector('#step').textContent.endsWith(' Who reads what')`)
	want(t, tab, `/^00:[0-5]\d$/.test(document.querySelector('#step .left').textContent) && document.querySelector('#step .left').textContent <= '00:58' && !document.querySelector('#step .left.over')`)
	ends(-68 * time.Second)
	r.show(s)
	want(t, tab, `/^\+0\d:\d\d$/.test(document.querySelector('#step .left.over').textContent) && document.querySelector('#step .left.over').textContent >= '+01:11'`)
	s.Public.Step = nil
	r.show(s)
	want(t, tab, `document.querySelector('#step').hidden`)
	quiet(t, tab)
}

// A team's page shows the step like the board, in both themes and on a phone.
func TestATeamsPageShowsTheStep(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/teams/2", 390, 844)
	want(t, tab, `/^Step 4 of 14 0[0-3]:\d\d Who reads what$/.test(document.querySelector('#step').textContent.replace(/\s+/g, ' ').trim())`)
	want(t, tab, `(box => box.top >= 0 && box.bottom < 200 && box.right <= innerWidth)(document.querySelector('#step').getBoundingClientRect())`)
	want(t, tab, `getComputedStyle(document.querySelector('#step .left')).color !== getComputedStyle(document.body).color`)
	tab.Screenshot(t, "team-step")

	s.Public.Step = nil
	r.show(s)
	want(t, tab, `document.querySelector('#step').hidden`)
	quiet(t, tab)
}

// pressed sends a key to the page.
func pressed(t *testing.T, tab *browsertest.Tab, key string) {
	t.Helper()
	evaluate(t, tab, fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true}))`, key))
}

func TestTheKeysOfTheBoard(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live`)
	evaluate(t, tab, `window.full = 0; Element.prototype.requestFullscreen = () => { full++; };
		window.tones = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (at) { tones++; start.call(this, at); }`)
	pressed(t, tab, "f")
	want(t, tab, `full === 1`)

	earn := func(team int) {
		s.change(team, func(t *game.Team) {
			t.Badges = append([]game.Earned(nil), t.Badges...)
			t.Badges = append(t.Badges, game.Earned{Badge: game.Sharpshooter})
		})
		r.show(s)
		want(t, tab, fmt.Sprintf(`document.querySelector('#t%d [data-badge=sharpshooter]').dataset.got === '1'`, team))
	}
	earn(1)
	want(t, tab, `tones === 0`) // off until somebody turns it on
	pressed(t, tab, "m")
	want(t, tab, `tones === 1 && document.querySelector('#note').textContent === 'Sound on'`)
	earn(2)
	want(t, tab, `tones === 3`)
	want(t, tab, `document.querySelector('#note').hidden`)

	s.Public.Frozen, s.Public.Reveal = true, &game.RevealProgress{Step: 1, Steps: 3}
	r.show(s)
	want(t, tab, `tones === 4`)
	pressed(t, tab, "m")
	want(t, tab, `document.querySelector('#note').textContent === 'Sound off'`)
	quiet(t, tab)
}

// A calm room compares nobody: nothing in the DOM has a rank or points, and teams are in their own order. What a calm board
// does not show is not sent to it either.
func TestACalmBoardsEventsHaveNoRanks(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s, func(c *Config) { c.Calm = true })
	v := r.watch(t, "/events")
	s.change(1, func(t *game.Team) { t.Points = 420 })
	s.change(15, func(t *game.Team) { t.Name = "the last row" })
	v.until(t, "whole")
	r.Publish(s.View)
	for {
		_, data := v.next(t)
		if strings.Contains(data, "-rank") {
			t.Errorf("it was sent %s", data)
		}
		if strings.Contains(data, "the last row") {
			return
		}
	}
}

func TestACalmBoardHasNoRanksAndNoPoints(t *testing.T) {
	for name, s := range map[string]*sample{"fifteen": newSample(15), "two": newSample(2), "thirty": newSample(30), "hundred": newSample(100), "spot": spotted(15, 7), "podium": withPodium(3), "revealing": states()["revealing"]} {
		t.Run(name, func(t *testing.T) {
			s.change(1, func(t *game.Team) {
				t.Events = append(t.Events, game.Event{ID: 77, At: workshop.At(sampleNow), Team: 1, Kind: game.KindBadge, Badge: game.Scaled, Text: "team-1 is the first to scale: 3 + 2"})
			})
			s.Public.Ticker = append(s.Public.Ticker, game.Event{ID: 78, At: workshop.At(sampleNow), Team: 1, Kind: game.KindBadge, Badge: game.Spare, Text: "team-1 has Spare: 320 points, from rank 8 to 5"})
			r := newRoom(t, s, func(c *Config) { c.Calm = true })
			tab := browsertest.New(t)
			for _, path := range []string{"/", "/teams/1"} {
				tab.Open(t, r.url+path, 1920, 1080)
				want(t, tab, `document.body.dataset.live`)
				found := tab.Text(t, `(document.body.innerHTML.match(/.{0,40}(\branks?\b|\bpoints?\b|\bfirst to\b|lead\b|\(first\)).{0,40}/gi) || []).join(' | ')`)
				if found != "" {
					t.Errorf("%s compares teams: %s", path, found)
				}
				want(t, tab, `!document.querySelector('#podium li')`)
				if faults := tab.Text(t, audit); faults != "" {
					t.Errorf("%s: %s", path, faults)
				}
				tab.Screenshot(t, "calm-"+name+strings.ReplaceAll(path, "/", "-"))
			}
			tab.Open(t, r.url+"/", 1920, 1080)
			want(t, tab, `[...document.querySelector('#rows').children].every((e, i) => e.id === 't' + (i + 1))`)
			want(t, tab, aligned+` || document.querySelector('.spot').checkVisibility()`)
			quiet(t, tab)
		})
	}
}
