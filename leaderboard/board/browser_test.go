package board

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"

	"github.com/chromedp/chromedp"
)

func (r *room) members(s *sample, team, members int) {
	s.change(team, func(t *game.Team) { t.State = "Stable"; setMembers(t, s.Public.Partitions, members) })
	r.show(s)
}

const ownersOf1 = `[...document.querySelectorAll('#t1 .cell')].map(c => c.dataset.owner).join(' ')`

func TestLanesChangeHands(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	for _, step := range []struct {
		members int
		owners  string
		idle    int
	}{
		{1, "kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-0", 0},
		{2, "kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1", 0},
		{3, "kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1 kgo-1-2", 0},
		{6, "kgo-1-0 kgo-1-1 kgo-1-2 kgo-1-3 kgo-1-4", 1},
		{0, "    ", 0},
	} {
		r.members(s, 1, step.members)
		want(t, tab, fmt.Sprintf(`%s === %q && document.querySelectorAll('#t1 [data-idle]').length === %d`, ownersOf1, step.owners, step.idle))
	}
	s.change(1, func(t *game.Team) { t.State = "PreparingRebalance" })
	r.show(s)
	want(t, tab, `document.querySelector('#t1 .lanes.moving').getAttribute('aria-label').startsWith('rebalancing')`)
	quiet(t, tab)
}

func TestRowsFollowTheRanksAndTheTickerSpeaks(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	want(t, tab, `document.body.dataset.live && document.querySelector('#rows').children[0].id === 't2'`)
	s.change(15, func(t *game.Team) { t.Points = 2000 })
	s.ticker("team-15 is the first to <b>win</b>", game.Sharpshooter)
	r.show(s)
	want(t, tab, `document.querySelector('#rows').children[0].id === 't15' && document.querySelector('#rows').children.length === 15`)
	want(t, tab, `document.querySelector('#t15 .rank').textContent === '1' && document.querySelector('#t15 .points').textContent === '2000'`)
	want(t, tab, `document.querySelector('#ticker li span').textContent === 'team-15 is the first to <b>win</b>'`)
	want(t, tab, `document.querySelector('#announcer').textContent.includes('team-15')`)
	quiet(t, tab)
}

// Letters too small to read from the back of the room are a fault of the board.
func TestFifteenTeamsFitTheProjector(t *testing.T) {
	for _, name := range []string{"fifteen", "moving", "frozen", "stale", "long"} {
		r := newRoom(t, states()[name])
		tab := browsertest.New(t)
		tab.Open(t, r.url+"/", 1920, 1080)
		small := tab.Text(t, tooSmall)
		if small != "" {
			t.Errorf("%s: under 27 px: %s", name, small)
		}
		want(t, tab, `[...document.querySelectorAll('.name,.points')].every(e => parseFloat(getComputedStyle(e).fontSize) >= 43)`)
		want(t, tab, `[...document.querySelectorAll('.row,.bottom,.ticker,.legend li')].every(e => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= 1080 && b.right <= 1920; })`)
		want(t, tab, `document.querySelector('#t15').getBoundingClientRect().bottom <= document.querySelector('.bottom').getBoundingClientRect().top + 1`)
	}
}

func TestNamesAreTextNeverMarkup(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>"><script>document.title='owned'</script>{{.}}` + "`${1}`"
	s := newSample(2)
	for i := range 2 {
		s.change(i+1, func(t *game.Team) {
			setMembers(t, 5, 6)
			t.Name, t.Group = evil, evil
			for j := range t.Members {
				t.Members[j].ClientID, t.Members[j].Host = evil, evil
				t.Members[j].MemberID = evil + fmt.Sprint(j)
			}
			t.Rejected = []game.Rejection{{Customer: evil, Type: evil, Given: evil, Reason: evil}}
			t.Events = []game.Event{{Text: evil, Kind: evil}}
		})
	}
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Message, b.Topic, b.Stale = evil, evil, []string{evil}
	}
	s.ticker(evil, "")
	s.Instructor.Help = []game.Help{{Team: 1, Kind: evil, Text: evil, Advice: evil}}
	s.Instructor.Strangers = []game.Stranger{{Group: evil, State: evil}}
	s.Instructor.Kafka = game.Source{Error: evil}
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	for _, path := range []string{"/", "/teams/1", "/instructor"} {
		tab.Open(t, r.url+path, 1280, 900)
		s.change(1, func(t *game.Team) { t.Name = evil + path }) // and once more as an update
		r.show(s)
		want(t, tab, `document.body.textContent.includes(`+"`onerror=alert(1)>\"><script>document.title='owned'</script>`"+`)`)
		want(t, tab, fmt.Sprintf(`document.body.textContent.includes(%q)`, path))
		want(t, tab, `document.title !== 'owned' && document.querySelectorAll('img, body script').length === 0`)
	}
	quiet(t, tab)
}

func TestThePageComesBackAfterALostConnection(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1920, 1080)
	r.members(s, 1, 2)
	want(t, tab, ownersOf1+` === 'kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1'`)
	r.down.Store(true)
	r.connections.cut()
	want(t, tab, `document.body.classList.contains('disconnected') && document.querySelector('#disconnected').textContent.includes('Connection lost. This is as of')`)
	tab.Screenshot(t, "lost-board-dark")
	r.members(s, 1, 6)
	r.down.Store(false)
	want(t, tab, `!document.body.classList.contains('disconnected') && document.querySelector('#disconnected').hidden`)
	want(t, tab, ownersOf1+` === 'kgo-1-0 kgo-1-1 kgo-1-2 kgo-1-3 kgo-1-4'`)
}

// A frozen board must not reveal the truth by any public route, with or without a token.
func TestFreezeDoesNotLeak(t *testing.T) {
	s := newSample(3)
	s.Public.Frozen, s.Truth.Frozen = true, true
	secret := game.Event{Text: "the-secret", Kind: "badge", Badge: game.Sharpshooter, Ticker: true}
	s.Truth.Teams = append([]game.Team(nil), s.Truth.Teams...)
	s.Truth.Teams[0].Points, s.Truth.Teams[0].Name = 77777, "the-secret"
	s.Truth.Teams[0].Events = append(s.Truth.Teams[0].Events, secret)
	s.Truth.Teams[0].Awards = append(s.Truth.Teams[0].Awards, game.Award{Badge: game.Sharpshooter, At: sampleNow, Evidence: []byte(`{"members":[{"id":"the-secret"}]}`)})
	s.Truth.Ticker = append(s.Truth.Ticker, secret)
	s.Instructor.Log = s.Truth.Ticker
	s.Public.Spotlight, s.Truth.Spotlight = 1, 1
	r := newRoom(t, s)
	for _, cookie := range []bool{false, true} {
		for _, path := range []string{"/", "/teams/1", "/api/board", "/api/teams/1", "/api/teams/1/history", "/api/replay", "/replay", "/teams/1/story", "/results", "/join", "/lessons/scale-up"} {
			if body := r.get(t, path, cookie, http.StatusOK); strings.Contains(body, "the-secret") || strings.Contains(body, "77777") {
				t.Errorf("%s tells the truth (cookie %v)", path, cookie)
			}
		}
	}
	for path, last := range map[string]string{"/events": "order", "/events?team=1": "work"} {
		v := r.watch(t, path)
		for {
			event, data := v.next(t)
			if strings.Contains(data, "the-secret") || strings.Contains(data, "77777") {
				t.Errorf("%s tells the truth", path)
			}
			if event == last || strings.Contains(data, `id="`+last+`"`) {
				break
			}
		}
	}
	for _, path := range []string{"/instructor", "/api/instructor/board", "/api/instructor/export.json", "/api/instructor/export.csv"} {
		if body := r.get(t, path, true, http.StatusOK); !strings.Contains(body, "77777") {
			t.Errorf("%s does not tell the instructor the truth", path)
		}
		r.get(t, path, false, http.StatusUnauthorized)
	}
	r.get(t, "/instructor/events", false, http.StatusUnauthorized)
}

func TestTheInstructorActsFromThePage(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	do := func(js string) {
		t.Helper()
		if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](js+"; true")); err != nil {
			t.Fatal(err)
		}
	}
	do(`document.querySelector('#acts button').click()`)
	want(t, tab, `document.querySelector('#ask').open && document.querySelector('#question').textContent.startsWith('Freeze')`)
	tab.Screenshot(t, "instructor-asks")
	do(`document.querySelector('#ask button[value=no]').click()`)
	want(t, tab, `!document.querySelector('#ask').open`)
	r.commands.want(t)
	do(`document.querySelector('#acts button').click()`)
	want(t, tab, `document.querySelector('#ask').open`)
	do(`document.querySelector('#ask button[value=yes]').click()`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	r.commands.want(t, "freeze")
	do(`document.querySelector('#text').value = 'now: stop one'; document.querySelector('.say-form button').click()`)
	want(t, tab, `document.querySelector('#text').value === ''`)
	r.commands.want(t, "freeze", "message now: stop one")

	// An open or edited control keeps its state when its row changes.
	do(`document.querySelector('#t4 details').open = true; document.querySelector('#t4 [name=name]').value = 'half a na'`)
	s.change(4, func(t *game.Team) { t.Points += 50 })
	r.show(s)
	want(t, tab, `document.querySelector('#t4 .points').textContent === '500'`)
	want(t, tab, `document.querySelector('#t4 details').open && document.querySelector('#t4 [name=name]').value === 'half a na'`)
	tab.Screenshot(t, "instructor-open")
	quiet(t, tab)
}

func TestWithoutJavaScriptThePageIsAsOfItsLoading(t *testing.T) {
	r := newRoom(t, newSample(15))
	body := r.get(t, "/", false, http.StatusOK)
	if n := strings.Count(body, `<li id="t`); n != 15 {
		t.Errorf("%d rows", n)
	}
	if strings.Contains(body, "style=") || strings.Contains(body, "<script>") {
		t.Error("the page holds inline style or script, which its policy forbids")
	}
}

func want(t testing.TB, tab *browsertest.Tab, expression string) {
	t.Helper()
	if err := tab.Until(expression); err != nil {
		t.Fatal(err)
	}
}

func quiet(t testing.TB, tab *browsertest.Tab) {
	t.Helper()
	if errs := tab.Errors(); len(errs) > 0 {
		t.Errorf("the console says %q", errs)
	}
}

func evaluate(t testing.TB, tab *browsertest.Tab, script string) {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](script+"; true")); err != nil {
		t.Fatal(err)
	}
}
