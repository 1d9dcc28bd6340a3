package main

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// glasses reads the board for the test. Some of what it shows is shorter than the test's polling, so the page itself
// records the most lanes that each team had stopped and handed over, and how each team's lag moved.
const glasses = `(() => {
	window.cells = t => [...document.querySelectorAll('#t' + t + ' .cell')];
	window.owners = t => cells(t).map(c => c.dataset.owner);
	window.shares = t => { const n = {}; for (const o of owners(t)) n[o || 'nobody'] = (n[o || 'nobody'] || 0) + 1; return Object.values(n).sort().reverse().join(' + '); };
	window.lag = t => [...document.querySelectorAll('#t' + t + ' .edges svg')].reduce((sum, e) => sum + Number(e.dataset.lag), 0);
	window.answered = text => document.querySelector('#asked[data-phase=answered] .bar.right .text')?.textContent.includes(text) && document.querySelector('#asked .because').textContent.length > 20;
	window.teams = () => [...document.querySelectorAll('.row')].map(r => Number(r.dataset.team));
	window.all = f => teams().every(f);
	window.some = f => teams().some(f);
	window.workers = t => [...document.querySelectorAll('#t' + t + ' [data-worker]')];
	window.working = t => workers(t).filter(w => w.dataset.working).length;
	window.faded = c => { const awake = c.cloneNode(true); awake.classList.remove('silent'); c.after(awake);
		const differs = getComputedStyle(c).backgroundColor !== getComputedStyle(awake).backgroundColor; awake.remove(); return differs; };
	window.begin = () => { window.stopped = {}; window.handed = {}; window.peak = {}; window.drop = {}; window.first = {}; for (const t of teams()) first[t] = owners(t); };
	begin();
	new MutationObserver(() => { for (const t of teams()) {
		const n = cells(t).filter(c => c.classList.contains('moves')).length, now = lag(t);
		stopped[t] = Math.max(stopped[t] || 0, n);
		handed[t] = Math.max(handed[t] || 0, owners(t).filter((o, i) => o && o !== first[t][i]).length);
		if (now > (peak[t] || 0)) peak[t] = now;
		drop[t] = Math.max(drop[t] || 0, (peak[t] || 0) - now);
	} }).observe(document.querySelector('#rows'), { subtree: true, childList: true, attributes: true, characterData: true });
})()`

// shown maps what a step of a sheet shows to the expression that reads it from the board's page. Of the kinds of robot
// teams, range is team 1, crowd 2, sticky 3, server 4, slow 5, quiet 6 and exact 7.
var shown = map[string]string{
	"no lane has an owner":                       `all(t => cells(t).length >= 3 && owners(t).every(o => !o))`,
	"each partition gets records":                `[...document.querySelectorAll('.share')].every(c => c.dataset.share > 0)`,
	"some partitions get all records":            `[...document.querySelectorAll('.share')].some(c => c.dataset.share > 0)`,
	"one member owns every lane":                 `[1, 2, 3, 4].every(t => owners(t)[0] && new Set(owners(t)).size === 1)`,
	"3 + 2":                                      `[1, 3, 4].every(t => shares(t) === '3 + 2')`,
	"2 + 2":                                      `[1, 3, 4].every(t => shares(t) === '2 + 2')`,
	"1 + 1 + 1":                                  `[1, 2, 3].every(t => shares(t) === '1 + 1 + 1')`,
	"the answer is 3 + 2":                        `answered('3 + 2')`,
	"the answer is 2 + 2":                        `answered('2 + 2')`,
	"the answer is 2 + 1":                        `answered('2 + 1')`,
	"users are found and published":              `[1, 2].every(t => document.querySelector('#t' + t + ' [data-badge=first_load]').dataset.got)`,
	"a team has a member for each lane":          `new Set(owners(2)).size === cells(2).length`, // the next question is about that team
	"a sixth member is idle":                     `shares(2) === '1 + 1 + 1 + 1 + 1' && document.querySelectorAll('#t2 [data-idle]').length === 1`,
	"another member is idle":                     `some(t => new Set(owners(t)).size === cells(t).length && document.querySelectorAll('#t' + t + ' [data-idle]').length === 1)`,
	"the answer is that one has nothing to read": `answered('One member has nothing to read')`,
	"range stops every lane":                     `stopped[1] === 5 && shares(1) === '2 + 2 + 1'`,
	"cooperative-sticky stops some lanes":        `stopped[3] < 5 && shares(3) === '2 + 2 + 1'`,
	"more than 100 records a second":             `parseFloat(document.querySelector('#load .flow').textContent.match(/([0-9.]+)\/s arriving/)?.[1]) > 100`,
	"the slow team falls behind":                 `lag(5) > 300 && lag(5) > 2 * lag(2)`,
	"five members catch up":                      `shares(5) === '1 + 1 + 1 + 1 + 1'`,
	"lag grows and falls with each commit":       `drop[6] > 30`,
	"silent lanes fade and count":                `some(t => { const c = document.querySelector('#t' + t + ' .cell.silent'); return c && faded(c) && c.querySelector('.age').checkVisibility() && Number(c.querySelector('.age').textContent) >= 3; })`,
	"the answer is 3 to 20 s":                    `answered('3 to 20 s')`,
	"the answer is less than 3 s":                `answered('Less than 3 s')`,
	"nobody is silent":                           `!document.querySelector('.cell.silent')`,
	"one partition is hot":                       `document.querySelectorAll('.shares:not([aria-hidden]) .share.hot').length >= 1 && [...document.querySelectorAll('.topicrow .captions:first-child .share.hot')].length === 1`,
	"no partition is hot":                        `!document.querySelector('.share.hot')`,
	"the score is frozen":                        `document.querySelector('.frozen')?.textContent.includes('Frozen')`,
	"the answer is that others get them before the group misses it": `answered('To others, before the group has missed it')`,
	"lanes change hands all the same":                               `handed[1] > 0`,
	"nobody works":                                                  `all(t => workers(t).length === 0)`,
	"one worker does all of the work":                               `[1, 2, 3, 4].every(t => workers(t).length === 1 && working(t) === 1 && workers(t)[0].textContent.includes('100 %'))`,
	"two workers share the work":                                    `[1, 2, 3, 4].every(t => workers(t).length === 2 && working(t) === 2)`,
	"three workers share the work":                                  `workers(1).length === 3 && working(1) === 3`,
	"the answer is that all get jobs":                               `answered('All of them: each takes the next free jobs')`,
	"two members own the lanes beside it":                           `new Set([...document.querySelectorAll('#spot[data-team="1"] .other .cell.owned')].map(c => c.dataset.owner)).size === 2`,
	"a third member is idle beside it":                              `document.querySelectorAll('#spot[data-team="1"] .other [data-idle]').length === 1`,
	"a later job is done first":                                     `document.querySelector('#spot[data-team="2"] .late').dataset.later >= 1`,
	"the answer is that order is lost":                              `answered('No, a later job can be done first')`,
	"jobs are delivered again":                                      `parseInt(document.querySelector('#t2 .again').textContent.slice(2)) >= 1`,
	"a team has handled poison":                                     `some(t => document.querySelector('#t' + t + ' [data-badge=poison]').dataset.got)`,
	"the podium stays over a reload":                                `document.querySelector('#podium .place1')?.checkVisibility()`,
}

// In each step of the demo the board shows what the step's line tells the room to look at, with the members that the
// robots start. The test leads the class: it begins a step once it has seen what the previous one shows.
func TestTheDemoShowsWhatItsStepsSay(t *testing.T) { showsItsSteps(t, workshop.ScaleUp) }

func TestTheQueuesDemoShowsWhatItsStepsSay(t *testing.T) { showsItsSteps(t, workshop.Queues) }

func showsItsSteps(t *testing.T, lesson workshop.Lesson) {
	t.Parallel()
	const token = "a token of this test alone"
	steps, err := sheet.Default(workshop.Room{Lesson: lesson, Teams: 15})
	if err != nil {
		t.Fatal(err)
	}
	teams, pace := "8", "4" // one of each kind, and one that stays away
	if *pictures != "" {
		teams, pace = "15", "1"
	}
	d := newDeployment(t, "--lesson", lesson.Name, "--demo", "--demo-led", "--demo-pace", pace, "--teams", teams, "--instructor-token", token)
	if *pictures != "" {
		d.args = append(d.args, "--public-url", "http://192.168.1.5:8080") // as in a room
	}
	d.start(t)
	s := &stack{flags: flags{Board: d.board}, token: token}
	tab := browsertest.Started(t, 10*time.Minute, nil)
	tab.Open(t, "http://"+d.board+"/", 1920, 1080)
	tab.Text(t, glasses)
	pages := newAlbum(t, d, s)

	for i, step := range steps.Steps {
		began := time.Now()
		tab.Text(t, `begin()`)
		if err := s.command(t.Context(), "/sheet/goto", map[string]any{"step": i + 1}); err != nil {
			t.Fatal(err)
		}
		says := step.Line("", lesson.Partitions)
		sees(t, tab, says, fmt.Sprintf(`document.querySelector('#say').textContent.includes(%q) && document.querySelector('#step').textContent.includes(%q)`, says, step.Title))
		if step.Ramp != nil {
			d.producesFast(t)
		}
		pages.asked(t, step.Title)
		for _, what := range step.Robots.Shows {
			expression, known := shown[what]
			if !known {
				t.Fatalf("step %d: no test reads %q in the page", i+1, what)
			}
			sees(t, tab, what, expression)
		}
		pages.shown(t, step.Title)
		tab.Screenshot(t, fmt.Sprintf("demo-%02d", i+1))
		t.Logf("step %d, %s: seen after %.0f s", i+1, step.Title, time.Since(began).Seconds())
	}

	tab.Open(t, "http://"+d.board+"/", 1920, 1080)
	sees(t, tab, "the podium after a reload", shown["the podium stays over a reload"])
	if got := tab.Errors(); len(got) > 0 {
		t.Errorf("the console says %q", got)
	}
}

// A test reads everything that a sheet shows.
func TestEverySheetShowsWhatCanBeRead(t *testing.T) {
	for _, lesson := range workshop.Lessons() {
		steps, err := sheet.Default(workshop.Room{Lesson: lesson, Teams: 15})
		if err != nil {
			t.Fatal(err)
		}
		for i, step := range steps.Steps {
			for _, what := range step.Robots.Shows {
				if shown[what] == "" {
					t.Errorf("%s, step %d: no test reads %q in the page", lesson.Name, i+1, what)
				}
			}
		}
	}
}

// sees waits until the expression holds in the board's page.
func sees(t *testing.T, tab *browsertest.Tab, what, expression string) {
	t.Helper()
	wait.For(t, what, func() error {
		if tab.Text(t, "(() => { try { return Boolean("+expression+"); } catch { return false; } })()") != "true" {
			return fmt.Errorf("the board reads %.1500s", tab.Text(t, "document.body.innerText"))
		}
		return nil
	})
}

// producesFast waits until the topic really receives the rate that the run sheet asks for.
func (d *deployment) producesFast(t *testing.T) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(d.kafka))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	end := func() (sum int64) {
		listed, err := admin.ListEndOffsets(t.Context(), workshop.ScaleUp.Topic)
		if err != nil {
			t.Fatal(err)
		}
		listed.Each(func(o kadm.ListedOffset) { sum += o.Offset })
		return sum
	}

	before, at := end(), time.Now()
	wait.Until(t, "100 records a second on the topic", func() bool {
		now, took := end(), time.Since(at).Seconds()
		if took < 1 {
			return false
		}
		fast := float64(now-before)/took > 100
		before, at = now, time.Now()
		return fast
	})
}
