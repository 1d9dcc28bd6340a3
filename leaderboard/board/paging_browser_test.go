package board

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"
)

// pageIDs are the board's rows on the page.
const pageIDs = `[...document.querySelectorAll('#rows > li')].map(e => e.id).join(' ')`

func idsOf(s *sample, from, to int) string {
	var out []string
	for _, t := range byRank(s.Public)[from:to] {
		out = append(out, fmt.Sprintf("t%d", t.Team))
	}
	return strings.Join(out, " ")
}

// The projected board turns its pages in step with every other one, and stays on a page that somebody chose.
func TestTheBoardTurnsItsPages(t *testing.T) {
	s := newSample(230)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	shows := func(from, to int, text string) {
		t.Helper()
		want(t, tab, fmt.Sprintf(`%s === %q && document.querySelector('#pager [role=status]').textContent === %q`, pageIDs, idsOf(s, from, to), text))
		want(t, tab, fmt.Sprintf(`[...document.querySelectorAll('.row')].filter(e => e.checkVisibility()).length === %d`, to-from))
	}
	shows(0, 100, "ranks 1–100 of 230")
	for i := range s.Public.Teams { // a change of every row does not turn the page
		s.change(i+1, func(t *game.Team) { t.Name += "!" })
	}
	r.show(s)
	shows(0, 100, "ranks 1–100 of 230")

	r.clock.turn(turnEvery)
	r.show(s)
	shows(100, 200, "ranks 101–200 of 230")
	second := browsertest.New(t) // it joins at the page of the first one
	second.Open(t, r.url+"/", 1920, 1080)
	want(t, second, `document.querySelector('#pager [role=status]').textContent === 'ranks 101–200 of 230'`)

	pressed(t, tab, "h")
	want(t, tab, `location.search === '?page=2' && document.querySelector('#pager .turns').textContent === 'turn pages'`)
	r.clock.turn(turnEvery)
	r.show(s)
	want(t, second, `document.querySelector('#pager [role=status]').textContent === 'ranks 201–230 of 230'`)
	shows(100, 200, "ranks 101–200 of 230")

	pressed(t, tab, "PageDown")
	shows(200, 230, "ranks 201–230 of 230")
	pressed(t, tab, "ArrowRight")
	shows(0, 100, "ranks 1–100 of 230")
	pressed(t, tab, "ArrowLeft")
	shows(200, 230, "ranks 201–230 of 230")
	pressed(t, tab, "ArrowLeft")
	shows(100, 200, "ranks 101–200 of 230")
	pressed(t, tab, "h") // turning continues
	want(t, tab, `location.search === '' && document.querySelector('#pager .turns').textContent === 'hold'`)
	shows(200, 230, "ranks 201–230 of 230")
	quiet(t, tab)
}

// A room that fits on one page has no pager, whichever key is pressed.
func TestOnePageHasNoPager(t *testing.T) {
	r := newRoom(t, newSample(100))
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live && document.querySelector('#pager').hidden && document.querySelectorAll('.row').length === 100`)
	pressed(t, tab, "PageDown")
	want(t, tab, `location.search === ''`)
	quiet(t, tab)
}

// During a reveal, the board shows the page of the row that the step is about, then the top again.
func TestTheBoardFollowsTheReveal(t *testing.T) {
	s := newSample(230)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live`) // turning begins with the first viewer
	order := byRank(s.Public)
	step := func(n, at int) {
		s.Public.Frozen, s.Public.Reveal = true, &game.RevealProgress{Step: n, Steps: 9, Playing: true}
		for i := range s.Public.Teams {
			s.change(i+1, func(t *game.Team) { t.Turn = at >= 0 && t.Team == order[at].Team })
		}
		r.show(s)
	}
	shows := func(what string) {
		t.Helper()
		want(t, tab, `document.querySelector('#pager [role=status]').textContent === '`+what+`'`)
	}

	r.clock.turn(turnEvery)
	step(0, -1)
	shows("ranks 1–100 of 230")
	step(1, 222)
	shows("ranks 201–230 of 230")
	want(t, tab, fmt.Sprintf(`document.querySelector('.row.turn').id === 't%d' && document.querySelector('.row.turn').checkVisibility()`, order[222].Team))
	step(2, 120)
	shows("ranks 101–200 of 230")

	moved := s.Public.Teams[order[120].Team-1].Team
	s.change(moved, func(t *game.Team) { t.Points = 9999 })
	r.show(s)
	shows("ranks 1–100 of 230")
	want(t, tab, fmt.Sprintf(`document.querySelector('#rows').children[0].id === 't%d'`, moved))

	s.Public.Frozen, s.Public.Reveal = false, nil
	r.show(s)
	shows("ranks 101–200 of 230")
	quiet(t, tab)
}

// Spotlight, question and podium are on every page, with the rows that there is room for.
func TestPagesBesideWhatIsLarge(t *testing.T) {
	s := newSample(230)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/?page=2", 1920, 1080)
	want(t, tab, pageIDs+fmt.Sprintf(` === %q`, idsOf(s, 100, 200)))

	s.Public.Spotlight = 7
	r.show(s)
	want(t, tab, pageIDs+fmt.Sprintf(` === %q && document.querySelector('#spot').dataset.team === '7'`, idsOf(s, 56, 112)))
	if off := tab.Text(t, runsOff); off != "" {
		t.Errorf("beside the spotlight runs off: %s", off)
	}

	s.Public.Spotlight = 0
	s.ask(1, game.PredictionClosed)
	r.show(s)
	want(t, tab, pageIDs+fmt.Sprintf(` === %q && document.querySelector('#asked').checkVisibility()`, idsOf(s, 56, 112)))
	s.Public.Prediction = nil
	s.Public.Podium = withPodium(3).Public.Podium
	r.show(s)
	want(t, tab, `document.querySelectorAll('#podium li').length === 3 && !document.querySelector('#rows').checkVisibility() && !document.querySelector('#pager').checkVisibility()`)
	quiet(t, tab)
}

// On a phone, the first page stays, links lead to the others, and entering a number opens that team's page.
func TestPagesOnAPhone(t *testing.T) {
	s := newSample(2000)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 390, 844)
	want(t, tab, `document.body.dataset.live && document.querySelector('#pager [role=status]').textContent === 'ranks 1–100 of 2,000'`)
	r.clock.turn(turnEvery)
	r.show(s)
	want(t, tab, `document.documentElement.scrollWidth <= innerWidth && !document.querySelector('#pager .turns').checkVisibility()`)
	if faults := tab.Text(t, audit); faults != "" {
		t.Error(faults)
	}
	want(t, tab, `[...document.querySelectorAll('#rows .row')].every(row => { const lag = row.querySelector('.figure.lag'); return !lag?.textContent.trim() ||
		[...row.querySelectorAll('.mark svg')].at(-1).getBoundingClientRect().right <= lag.getBoundingClientRect().left; })`)

	evaluate(t, tab, `document.querySelector('#pager [rel=next]').click()`)
	want(t, tab, `location.search === '?page=2' && document.body.dataset.live && `+pageIDs+fmt.Sprintf(` === %q`, idsOf(s, 100, 200)))
	evaluate(t, tab, `document.querySelector('#pager input').value = '1234'; document.querySelector('#pager form button').click()`)
	want(t, tab, `location.pathname === '/teams/1234'`)
	quiet(t, tab)
}

// Without events, the page polls for the page that it shows, and a projector for the page that it turns to.
func TestPagesWithoutEvents(t *testing.T) {
	s := newSample(230)
	r := newRoom(t, s)
	r.mute.Store(true)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.querySelector('#pager .turns').textContent === 'hold'`) // as in the page that turns
	r.clock.turn(turnEvery)
	r.show(s)
	want(t, tab, pageIDs+fmt.Sprintf(` === %q`, idsOf(s, 100, 200)))
	quiet(t, tab)
}

// A calm room numbers its pages without ranks.
func TestCalmPages(t *testing.T) {
	r := newRoom(t, newSample(230), func(c *Config) { c.Calm = true })
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/?page=3", 1920, 1080)
	want(t, tab, `document.querySelector('#pager [role=status]').textContent === '201–230 of 230' && `+pageIDs+` === [...Array(30).keys()].map(i => 't' + (201 + i)).join(' ')`)
	tab.Screenshot(t, "calm-pages")
	quiet(t, tab)
}

// If SCREENSHOTS names a folder, it also saves the pictures there.
func TestPicturesOfALargeRoom(t *testing.T) {
	s := newSample(2000)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	for _, shot := range []shot{
		{"dark", "/", "dark", 1920, 1080}, {"light", "/", "light", 1920, 1080}, {"last", "/?page=20", "dark", 1920, 1080},
		{"phone", "/", "dark", 390, 844}, {"phone-light", "/?page=20", "light", 390, 844}, {"instructor", "/instructor", "dark", 1440, 900},
	} {
		prefer(t, tab, shot.theme)
		tab.Open(t, r.url+shot.path, shot.width, shot.height)
		want(t, tab, `document.body.dataset.live`)
		audited(t, tab, shot)
		if shot.width == 1920 {
			want(t, tab, `[...document.querySelectorAll('#ticker li')].filter(e => e.checkVisibility()).every(e => e.getBoundingClientRect().right < document.querySelector('#pager').getBoundingClientRect().left)`)
		}
		tab.Screenshot(t, "large-"+shot.name)
		if shot.width == 390 {
			want(t, tab, `[...document.querySelectorAll('.rank')].every(e => e.scrollWidth <= e.clientWidth + 1)`)
			evaluate(t, tab, `document.querySelector('#rows').children[50].scrollIntoView({block: 'center'})`)
			tab.Screenshot(t, "large-"+shot.name+"-pager")
		}
	}
	quiet(t, tab)
}

// The instructor's page of a large room is paged too: teams that need help first, then by rank, or those that match a search.
func TestTheInstructorsPages(t *testing.T) {
	s := newSample(2000)
	s.Instructor.Help = append(slices.Clone(s.Instructor.Help), game.Help{Team: 1777, Kind: "no_member", Text: "has had no member for 3 minutes", Since: s.Public.AsOf})
	s.change(1234, func(t *game.Team) { t.Name = "The Sevens" })
	r := newRoom(t, s)
	rows := func(path string) []string {
		t.Helper()
		body := r.get(t, path, true, http.StatusOK)
		var out []string
		for _, part := range strings.Split(body, `<li id="t`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			out = append(out, "t"+id)
		}
		return out
	}
	if got := rows("/instructor"); len(got) != glanceRows || !slices.Contains(got[:3], "t1777") || !slices.Contains(got[:3], "t4") || !slices.Contains(got[:3], "t9") {
		t.Errorf("the first page has %d teams, %v", len(got), got[:3])
	}
	if got := rows("/instructor?page=20"); len(got) != glanceRows {
		t.Errorf("the last page has %d teams", len(got))
	}
	for find, want := range map[string][]string{"sevens": {"t1234"}, "77": {"t77"}, "nobody": nil, "team-199": {"t199", "t1990"}} {
		got := rows("/instructor?find=" + find)
		if want != nil && (len(got) == 0 || !slices.Contains(got, want[0])) || want == nil && len(got) > 0 || len(got) > glanceRows {
			t.Errorf("%s finds %v", find, got)
		}
	}
	r.get(t, "/instructor?page=51", true, http.StatusNotFound)
	r.get(t, "/instructor?find="+strings.Repeat("x", maxFind+1), true, http.StatusBadRequest)

	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	want(t, tab, `document.body.dataset.live && document.querySelectorAll('.glance').length === 100 && document.querySelectorAll('#spotlight option').length === 2`)
	evaluate(t, tab, `document.querySelector('#pager input').value = 'sevens'; document.querySelector('#pager form button').click()`)
	want(t, tab, `location.search === '?find=sevens' && document.body.dataset.live && document.querySelectorAll('.glance').length === 1`)
	s.change(1234, func(t *game.Team) { t.Points = 12345 })
	r.show(s)
	want(t, tab, `document.querySelector('#t1234 .points').textContent === '12345'`)
	evaluate(t, tab, `const spot = document.querySelector('#spotlight input'); spot.value = '1234'; spot.dispatchEvent(new Event('change', {bubbles: true}))`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.' && document.querySelector('#spotlight input').value === ''`)
	r.commands.want(t, "spotlight 1234")
	quiet(t, tab)
}

// A projector opened before the first View turns pages once there are some.
func TestTurningBeginsWithTheTeams(t *testing.T) {
	r := newRoom(t, newSample(0))
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live && document.querySelector('#pager').hidden`)
	s := newSample(230)
	r.show(s)
	want(t, tab, `document.querySelector('#pager [role=status]').textContent === 'ranks 1–100 of 230'`)
	r.clock.turn(turnEvery)
	r.show(s)
	want(t, tab, pageIDs+fmt.Sprintf(` === %q`, idsOf(s, 100, 200)))
	quiet(t, tab)
}
