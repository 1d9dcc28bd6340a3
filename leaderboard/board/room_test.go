package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A crash is shown with its sweep, not with the next tick of the figures, and its seconds are counted.
func TestSilenceDimsTheLaneAndCountsAtOnce(t *testing.T) {
	for _, teams := range []int{1, 15, 30, 60} {
		s := newSample(teams)
		r := newRoom(t, s)
		tab := browsertest.New(t)
		tab.Open(t, r.url+"/", 1920, 1080)
		want(t, tab, `document.body.dataset.live`)
		evaluate(t, tab, `window.ground = getComputedStyle(document.querySelector('#t1 .cell')).backgroundColor`)

		s.silence(1, 4*time.Second, 3, 4)
		r.Publish(s.View) // no second has passed: figures wait
		want(t, tab, `[...document.querySelectorAll('#t1 .cell.silent')].map(c => c.dataset.partition).join() === '3,4'`)
		want(t, tab, `getComputedStyle(document.querySelector('#t1 .cell.silent')).backgroundColor !== ground`)
		want(t, tab, `document.querySelector('#t1 .lanes').getAttribute('aria-label').includes('silent: P3 P4')`)
		want(t, tab, `document.querySelector('#t1 .silent .age').checkVisibility() && Number(document.querySelector('#t1 .silent .age').textContent) >= 7`) // and it keeps counting
		if teams == 1 {
			want(t, tab, `document.querySelector('#spot .silent .age').textContent === document.querySelector('#t1 .silent .age').textContent`)
		}

		s.change(1, func(t *game.Team) { setMembers(t, 5, 2) })
		r.Publish(s.View)
		want(t, tab, `!document.querySelector('.silent')`)
		quiet(t, tab)
	}
}

func TestEdgesAreTheLagOfTheAPI(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	lags := []int64{0, 7, 25, 180, 333}
	s.change(4, func(t *game.Team) {
		t.Lanes = slices.Clone(t.Lanes)
		for p := range t.Lanes {
			t.Lanes[p].Lag = &lags[p]
		}
	})
	r.show(s)
	var api struct{ Teams []game.Team }
	if err := json.Unmarshal([]byte(r.get(t, "/api/board", false, http.StatusOK)), &api); err != nil {
		t.Fatal(err)
	}

	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `new Set([...document.querySelectorAll('.edges')].map(e => e.dataset.scale)).size === 1 && document.querySelector('.scale').textContent.startsWith('500 ')`)
	for _, team := range api.Teams {
		for _, l := range team.Lanes {
			if l.Lag == nil {
				continue
			}
			want(t, tab, fmt.Sprintf(`(() => { const e = document.querySelector('#t%d .edges [data-key=p%d]'), width = q => e.querySelector(q).getBoundingClientRect().width;
				return e.dataset.lag === '%d' && Math.abs(width('.behind') / width('.track') - %d / 500) < .01; })()`, team.Team, l.Partition, *l.Lag, *l.Lag))
			want(t, tab, fmt.Sprintf(`(() => { const x = q => document.querySelector('#t%d ' + q + ' [data-key=p%d]').getBoundingClientRect();
				return Math.abs(x('.edges').left - x('.lanes').left) < 1 && Math.abs(x('.edges').bottom - x('.lanes').bottom) < 2; })()`, team.Team, l.Partition))
		}
	}
}

// The scale follows the longest lag, and stays while commits come and go.
func TestTheScaleOfTheEdges(t *testing.T) {
	teams := func(lag int64) []game.Team { return []game.Team{{Lanes: []game.Lane{{}, {Lag: &lag}}}} }
	scale := int64(leastScale)
	for _, c := range []struct{ lag, scale int64 }{{0, 50}, {50, 50}, {51, 100}, {20, 100}, {450, 500}, {120, 500}, {99, 100}, {1_000_001, 2_000_000}, {0, 50}} {
		if scale = nextScale(scale, teams(c.lag)); scale != c.scale {
			t.Errorf("at a lag of %d the scale is %d, want %d", c.lag, scale, c.scale)
		}
	}
}

// shares returns each partition's share in the topic's row, and whether it is hot.
const shares = `[...document.querySelector('.shares').children].map(c => Number(c.dataset.share).toFixed(2) + (c.classList.contains('hot') ? '!' : '')).join(' ')`

// aligned reports whether each of the topic's cells is above a lane of the first row.
const aligned = `[...document.querySelector('.shares').children].every(c => { const a = c.getBoundingClientRect(), b = document.querySelector('.row [data-partition="' + c.dataset.partition + '"]').getBoundingClientRect();
	return a.width > 5 && Math.abs(a.left - b.left) < 1 && Math.abs(a.right - b.right) < 1 && a.bottom <= b.top; })`

func TestTheTopicStandsAboveTheLanes(t *testing.T) {
	for _, teams := range []int{2, 15, 30, 100} {
		s := newSample(teams)
		r := newRoom(t, s)
		tab := browsertest.New(t)
		tab.Open(t, r.url+"/", 1920, 1080)
		want(t, tab, shares+` === '0.20 0.20 0.20 0.20 0.20' && `+aligned)

		s.partitions(6, .1, .1, .1, .1, .1, .5) // a partition is added, and keys move to it
		r.show(s)
		want(t, tab, shares+` === '0.10 0.10 0.10 0.10 0.10 0.50!' && document.querySelectorAll('#t1 .cell').length === 6 && `+aligned)
		want(t, tab, `(() => { const bar = n => document.querySelector('.shares').children[n].querySelector('rect').getBoundingClientRect().height; return Math.abs(bar(0) / bar(5) - .2) < .02; })()`)
		for _, n := range []int{3, 12} {
			even := make([]float64, n)
			for i := range even {
				even[i] = 1 / float64(n)
			}
			s.partitions(n, even...)
			r.show(s)
			want(t, tab, fmt.Sprintf(`document.querySelector('.shares').children.length === %d && !document.querySelector('.hot') && %s`, n, aligned))
		}
		quiet(t, tab)
	}
}

func TestAHotPartitionIsNoChance(t *testing.T) {
	for _, c := range []struct {
		share      float64
		partitions int
		records    float64
		hot        bool
	}{
		{.8, 5, 100, true}, {.2, 5, 100, false}, {.37, 5, 100, true}, {.34, 5, 100, false},
		{.45, 4, 20, false}, {.7, 4, 20, true}, {.17, 12, 1000, true}, {1, 1, 100, false}, {0, 5, 0, false},
	} {
		if got := hot(c.share, c.partitions, c.records); got != c.hot {
			t.Errorf("%+v is hot: %v", c, got)
		}
	}
}

func TestShortNumbersHaveFourCharacters(t *testing.T) {
	for v, text := range map[float64]string{0: "0", 9.9: "9.9", 9.96: "10", 142: "142", 999.6: "1k", 1234: "1.2k", 45678: "46k", 999_499: "999k", 999_600: "1M", 3_400_000: "3.4M"} {
		if got := short(v); got != text {
			t.Errorf("%v is %q, want %q", v, got, text)
		}
	}
}

// cut lists the visible lines of the ticker that are not fully shown.
const cut = `[...document.querySelectorAll('#ticker li')].filter(e => e.checkVisibility()).filter(e => { const b = e.getBoundingClientRect(), t = document.querySelector('#ticker').getBoundingClientRect();
	return b.left < t.left - 1 || b.right > t.right + 1 || b.top < t.top - 1 || b.bottom > t.bottom + 1 || e.scrollWidth > e.clientWidth + 1; }).map(e => e.textContent).join('|')`

func TestTheTickerShowsWholeSentences(t *testing.T) {
	s := newSample(15)
	s.ticker(strings.Repeat("no screen is wide enough for this ", 8), "")
	for n := range 8 {
		s.ticker(fmt.Sprintf("%s %d: B timed out, P3 P4 go from B to A, paused 1.2 s", longName, n), "")
	}
	r := newRoom(t, s)
	tab := browsertest.New(t)
	first := "team-7 earns Fault Tolerant" // badges come first, because they are new
	for _, size := range [][2]int{{3840, 2160}, {1920, 1080}, {1366, 768}, {1024, 768}, {800, 900}, {390, 844}} {
		tab.Open(t, r.url+"/", size[0], size[1])
		want(t, tab, `document.body.dataset.live`)
		whole := func(first string) {
			t.Helper()
			want(t, tab, fmt.Sprintf(`[...document.querySelectorAll('#ticker li')].find(e => e.checkVisibility())?.textContent.includes(%q)`, first))
			want(t, tab, cut+` === ''`)
		}
		whole(first)

		first = fmt.Sprint("team-9 earns Spare at ", size[0])
		s.ticker(first, game.Spare)
		r.show(s)
		whole(first)
	}
	quiet(t, tab)
}

func TestALineThatIsTooLongLeavesItsPlaceToTheNext(t *testing.T) {
	s := newSample(15)
	s.Public.Ticker = nil
	s.ticker("B joined", "")
	s.ticker(strings.Repeat("no screen is wide enough for this ", 8), "")
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live && document.querySelectorAll('#ticker li').length === 2`)
	want(t, tab, `[...document.querySelectorAll('#ticker li')].filter(e => e.checkVisibility()).map(e => e.querySelector('span').textContent).join() === 'B joined'`)
	quiet(t, tab)
}

func TestAnOldBadgeMakesRoomForNewerLines(t *testing.T) {
	at := func(s int, badge string) game.Event {
		return game.Event{At: workshop.At(sampleNow.Add(time.Duration(s) * time.Second)), Text: fmt.Sprint(s), Badge: badge}
	}
	var got []string
	for _, e := range tickerLines([]game.Event{at(0, game.Spare), at(50, game.Spare), at(60, game.Spare), at(70, ""), at(75, "")}) {
		got = append(got, e.Text)
	}
	if !slices.Equal(got, []string{"60", "50", "75", "70", "0"}) {
		t.Errorf("the order is %v", got)
	}
}

// placesOf returns the positions of all visible elements that match the selector.
func placesOf(selector string) string {
	return `JSON.stringify([...document.querySelectorAll('` + selector + `')].filter(e => e.checkVisibility()).map(e => {
		const b = e.getBoundingClientRect(); return [e.id || (e.getAttribute('class') || '').split(' ')[0], Math.round(b.left), Math.round(b.top), Math.round(b.right), Math.round(b.bottom)].join(' '); }))`
}

// settled waits until all rows are on the screen, as they are once the order of the rows has followed a new layout, and nothing
// moves. Endless animations do not count.
func settled(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	want(t, tab, `[...document.querySelectorAll('.row')].filter(e => e.checkVisibility()).every(e => e.getBoundingClientRect().right <= innerWidth)`)
	want(t, tab, `document.getAnimations().every(a => a.effect.getComputedTiming().iterations === Infinity)`)
}

// returnTo waits until all elements are back at their positions.
func returnTo(t *testing.T, tab *browsertest.Tab, places, before string) {
	t.Helper()
	wait.For(t, "the elements at their positions", func() error {
		var was, now []string
		if err := errors.Join(json.Unmarshal([]byte(before), &was), json.Unmarshal([]byte(tab.Text(t, places)), &now)); err != nil {
			return err
		}
		for i := range max(len(was), len(now)) {
			if i >= min(len(was), len(now)) || was[i] != now[i] {
				return fmt.Errorf("from the element %d of %d on: %q, want %q", i, len(was), now[min(i, len(now)):min(i+3, len(now))], was[min(i, len(was)):min(i+3, len(was))])
			}
		}
		return nil
	})
}

func TestTheSpotlightMovesNothingElse(t *testing.T) {
	for _, teams := range []int{6, 15, 100} {
		s := newSample(teams)
		r := newRoom(t, s)
		tab := browsertest.Started(t, 5*time.Minute, nil) // longer than a wait, whose error names the difference
		tab.Open(t, r.url+"/", 1920, 1080)
		want(t, tab, `document.body.dataset.live && document.querySelector('#spot').hidden`)
		frame := placesOf(`.top, .top *, .bottom, .ticker`)
		places := placesOf(`.top *, .captions *, .spot, .spot-top, .spot .cell, .spot-lines, .ticks span, .row, .row .cell, .bottom, .ticker, .legend`)
		settled(t, tab)
		before, framed := tab.Text(t, places), tab.Text(t, frame)

		on := spotted(teams, 3)
		r.show(on)
		want(t, tab, `!document.querySelector('#spot').hidden && document.querySelector('#spot .name').textContent === 'team-3' && document.querySelector('#spot-strip')`)
		want(t, tab, `[...document.querySelectorAll('#spot .chip b')].map(e => e.textContent).join('') === 'ABCDE'`)
		want(t, tab, `document.querySelector('#spot .spot-lines li').textContent.includes('F idle: 5 partitions have owners')`)
		want(t, tab, `[...document.querySelectorAll('#spot-figures small')].map(e => e.textContent).join(' ') === '142142 159167 176192 193217 210242'`)
		settled(t, tab)
		shown := tab.Text(t, places)
		if got := tab.Text(t, frame); got != framed {
			t.Errorf("%d teams: with the spotlight the frame is\n%s\nwithout\n%s", teams, got, framed)
		}

		on.change(3, func(t *game.Team) {
			t.Events = append(slices.Clone(t.Events), game.Event{ID: 9, At: workshop.At(sampleNow), Kind: game.KindJoin, Text: "D joined from 192.168.1.23 and its sentence needs more than one line of the spotlight"})
			setMembers(t, 5, 6)
		})
		r.show(on)
		want(t, tab, `document.querySelector('#spot .spot-lines').textContent.includes('D joined') && document.querySelectorAll('#spot .chip').length === 6`)
		returnTo(t, tab, places, shown) // after the lanes have turned

		r.show(s)
		want(t, tab, `document.querySelector('#spot').hidden`)
		returnTo(t, tab, places, before)
		quiet(t, tab)
	}
}

func TestThePodiumStaysOverAReloadUntilItIsDismissed(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live && document.querySelector('#podium').hidden && document.querySelector('#podium').textContent === ''`)
	podium := withPodium(3)
	r.show(podium)
	is := `[...document.querySelectorAll('#podium li')].map(e => e.className + ' ' + e.querySelector('.name').textContent).sort().join('|') === 'place1 ` + longName + `|place2 פיתות חמות|place3 Spare Chairs' && document.querySelector('#podium').checkVisibility() && !document.querySelector('.row').checkVisibility()`
	want(t, tab, is)
	want(t, tab, `document.querySelector('#podium .place1').getBoundingClientRect().left > document.querySelector('#podium .place2').getBoundingClientRect().right`)
	want(t, tab, `[...document.querySelectorAll('#podium .name')].every(e => e.scrollHeight <= e.clientHeight + 2)`)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, is)

	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	evaluate(t, tab, `document.querySelector('[data-act="/api/instructor/podium/dismiss"]').click()`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	r.commands.want(t, "podium dismissed")
	r.show(s)
	want(t, tab, `!document.querySelector('[data-act="/api/instructor/podium/dismiss"]')`)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.querySelector('#podium').hidden && document.querySelector('.row').checkVisibility()`)
	quiet(t, tab)
}
