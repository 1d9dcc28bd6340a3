package board

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"kafka-workshop/docs"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tooWide lists elements that are wider than the screen and are not in a scrollable box.
const tooWide = `[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('pre, .scroll, .sr, svg'))
	.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + ' ' + e.textContent.slice(0, 60)).join('|')`

func TestTheGuideFitsAPhone(t *testing.T) {
	r := newRoom(t, newSample(15))
	tab := browsertest.New(t)
	for _, lesson := range workshop.Lessons() {
		for _, width := range []int{390, 320} {
			for _, theme := range []string{"dark", "light"} {
				prefer(t, tab, theme)
				tab.Open(t, r.url+"/lessons/"+lesson.Name+"?team=7", width, 844)
				want(t, tab, `document.querySelector('button.copy')`)
				evaluate(t, tab, `document.querySelectorAll('details').forEach(d => d.open = true)`)
				if wide := tab.Text(t, tooWide); wide != "" || tab.Text(t, "document.documentElement.scrollWidth <= innerWidth") != "true" {
					t.Errorf("%s at %d: too wide: %s", lesson.Name, width, wide)
				}
				if faults := tab.Text(t, audit); faults != "" {
					t.Errorf("%s at %d, %s: %s", lesson.Name, width, theme, faults)
				}
				tab.Screenshot(t, fmt.Sprintf("guide-%s-%d-%s", lesson.Name, width, theme))
				evaluate(t, tab, `document.getElementById('python-confluent-kafka').scrollIntoView()`)
				tab.Screenshot(t, fmt.Sprintf("guide-program-%s-%d-%s", lesson.Name, width, theme))
			}
		}
	}
	quiet(t, tab)
}

func TestTheGuideTicksTheStepsLive(t *testing.T) {
	s := newSample(15)
	s.change(3, func(t *game.Team) { t.Badges = nil })
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/lessons/scale-up?team=3", 390, 844)
	want(t, tab, `document.body.dataset.live && document.querySelectorAll('#progress li').length === 9 && !document.querySelector('#progress .done')`)
	places := placesOf("#progress a, #progress .mark, h1, h2, h3")
	before := tab.Text(t, places)

	earn := func(badges ...string) {
		s.change(3, func(t *game.Team) {
			t.Badges = nil
			for _, b := range badges {
				t.Badges = append(t.Badges, game.Earned{Badge: b, EarnedAt: workshop.At(sampleNow)})
			}
		})
		r.show(s)
	}
	const done = `[...document.querySelectorAll('#progress .done a')].map(a => a.textContent.split(':')[0]).join() === %q`
	earn(game.Connected, game.FirstLoad)
	want(t, tab, fmt.Sprintf(done, "Step 1")) // step 2 has 📊 too
	earn(game.Connected, game.FirstLoad, game.StatsPublished, game.Scaled)
	want(t, tab, fmt.Sprintf(done, "Step 1,Step 2,Step 4"))
	want(t, tab, places+fmt.Sprintf(" === %q", before)) // once the badges have landed
	evaluate(t, tab, `document.getElementById('progress').scrollIntoView()`)
	tab.Screenshot(t, "guide-steps")
	quiet(t, tab)
}

func TestTheGuideCopiesByKeyboard(t *testing.T) {
	r := newRoom(t, newSample(15))
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/lessons/scale-up?team=3", 1000, 900)
	want(t, tab, `document.querySelectorAll('button.copy').length === document.querySelectorAll('pre').length`)
	evaluate(t, tab, `document.addEventListener('copy', () => { window.copied = document.activeElement.value; })`)
	evaluate(t, tab, `document.querySelector('button[aria-label="Copy: team.py, Python, kafka-python"]').focus()`)
	if err := chromedp.Do(tab, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	want(t, tab, `document.querySelector('#announcer').textContent === 'Copied.' && document.activeElement.textContent === 'Copied'`)

	tab.Screenshot(t, "guide-copied")
	source, err := docs.Program("kafka-python/team.py", workshop.ScaleUp, r.cfg.Admission.Public(3, r.url))
	if err != nil {
		t.Fatal(err)
	}
	if got := tab.Text(t, `window.copied`); got != strings.TrimSuffix(source, "\n") {
		t.Errorf("copied:\n%s\nwant:\n%s", got, source)
	}
	if names := tab.Text(t, `(() => { const names = [...document.querySelectorAll('button.copy')].map(b => b.getAttribute('aria-label')); return names.filter((n, i) => names.indexOf(n) !== i).join('|') })()`); names != "" {
		t.Errorf("several buttons are called %s", names)
	}
	quiet(t, tab)
}

// Links within the guide have targets, links to pages carry the team, and no heading has the id of a part that is replaced
// live.
func TestTheGuidesLinks(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	for _, lesson := range workshop.Lessons() {
		body := r.get(t, "/lessons/"+lesson.Name+"?team=3", false, 200)
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if ids[m[1]] {
				t.Errorf("%s: two elements have the id %s", lesson.Name, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if !ids[m[1]] {
				t.Errorf("%s: nothing has the id %s", lesson.Name, m[1])
			}
		}
		for _, part := range r.teamParts(r.view.Load(), 3) {
			if ids[part.id] && part.id != "progress" {
				t.Errorf("%s: the part %s would replace a heading", lesson.Name, part.id)
			}
		}
		if strings.Contains(body, "@@") {
			t.Errorf("%s shows marks", lesson.Name)
		}
	}
	for page, link := range map[string]string{"/teams/3": `href="/lessons/scale-up?team=3"`, "/lessons/scale-up?team=3": `href="/teams/3"`} {
		if !strings.Contains(r.get(t, page, false, 200), link) {
			t.Errorf("%s lacks %s", page, link)
		}
	}
}
