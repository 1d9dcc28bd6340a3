package board

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/chromedp/cdproto/emulation"
	printing "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// roundShots are the pages that review a round, and others that draw lanes over time.
var roundShots = []shot{
	{"team-wide", "/teams/1", "dark", 1920, 1080},
	{"replay-dark", "/replay", "dark", 1920, 1080},
	{"replay-phone", "/replay", "light", 390, 844},
	{"story-light", "/teams/1/story", "light", 1920, 1080},
	{"story-phone", "/teams/1/story", "dark", 390, 844},
	{"results-dark", "/results", "dark", 1920, 1080},
	{"results-phone", "/results", "light", 390, 844},
}

// roundSamples returns the rounds that these pages are tested with.
func roundSamples() map[string]*sample {
	began := sampleNow.Add(-20 * time.Minute)
	rtl := newSample(15)
	for i := range rtl.Public.Teams {
		rtl.change(i+1, func(t *game.Team) { t.Name = []string{"الفريق السابع للأقسام", longName}[i%2] })
	}
	three, twelve := newSample(6), newSample(15)
	for partitions, s := range map[int]*sample{3: three, 12: twelve} {
		for _, b := range []*game.Board{&s.Public, &s.Truth} {
			b.Partitions = partitions
			b.Teams = append([]game.Team(nil), b.Teams...)
			for i := range b.Teams {
				setMembers(&b.Teams[i], partitions, min(len(b.Teams[i].Members), partitions))
			}
		}
		s.addPast(began)
	}
	long := newSample(15)
	for _, b := range []*game.Board{&long.Public, &long.Truth} {
		b.Began = workshop.At(sampleNow.Add(-2 * time.Hour))
		for i := range b.Teams {
			p := &past{team: i + 1, partitions: 5, at: b.Began.Time}
			for n := range 120 {
				p.phase(time.Duration(500+n*7)*time.Millisecond, 1+n%3, game.LaneMoving).phase(50*time.Second, 1+(n+i)%6, []string{game.LaneOwned, game.LaneOwned, game.LaneSilent}[n%3])
			}
			b.Teams[i].History = p.lasting(2, game.LaneOwned)
		}
	}
	empty := states()["nobody"]
	for _, b := range []*game.Board{&empty.Public, &empty.Truth} {
		b.Began = workshop.At(began)
	}
	frozen := states()["frozen"]
	silent := newSample(3)
	silent.change(1, func(t *game.Team) {
		p := &past{team: 1, partitions: 5, at: sampleNow.Add(-2 * time.Minute)}
		t.History = p.phase(50*time.Second, 2, game.LaneOwned).phase(60*time.Second, 2, game.LaneSilent).lasting(2, game.LaneSilent)
	})
	return map[string]*sample{
		"twenty": newSample(15), "predicted": newSample(6).predicted(), "rtl": rtl, "three": three, "twelve": twelve, "two-hours": long, "empty": empty, "none": newSample(0), "frozen": frozen, "silent": silent,
	}
}

// If SCREENSHOTS names a folder, it also saves the pictures there.
func TestPagesThatLookBack(t *testing.T) {
	for name, s := range roundSamples() {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, s)
			tab := browsertest.New(t)
			for _, shot := range roundShots {
				if len(s.Public.Teams) == 0 && (shot.name == "team-wide" || shot.name[:5] == "story") {
					continue
				}
				prefer(t, tab, shot.theme)
				tab.Open(t, r.url+shot.path, shot.width, shot.height)
				if shot.path == "/replay" && s.Public.Round > 0 {
					want(t, tab, `document.body.dataset.replay === 'ready'`)
					evaluate(t, tab, `workshop.replay.show(workshop.replay.length * .8)`)
				}
				if got := tab.Text(t, "document.documentElement.scrollWidth <= innerWidth"); got != "true" {
					t.Errorf("%s scrolls sideways: it is %s wide", shot.name, tab.Text(t, "document.documentElement.scrollWidth"))
				}
				if faults := tab.Text(t, audit); faults != "" {
					t.Errorf("%s: %s", shot.name, faults)
				}
				tab.Screenshot(t, "round-"+name+"-"+shot.name)
			}
			quiet(t, tab)
		})
	}
}

// Pages print black on white in any theme, without what is only useful on a screen.
func TestPagesPrint(t *testing.T) {
	r := newRoom(t, newSample(15))
	tab := browsertest.New(t)
	for _, path := range []string{"/teams/1/story", "/results"} {
		prefer(t, tab, "dark")
		tab.Open(t, r.url+path, 900, 1200)
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
			t.Fatal(err)
		}
		want(t, tab, `getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)' && getComputedStyle(document.body).color === 'rgb(0, 0, 0)'`)
		want(t, tab, `[...document.querySelectorAll('.bar, .rounds, button')].every(e => !e.checkVisibility())`)
		if faults := tab.Text(t, audit); faults != "" {
			t.Errorf("%s printed: %s", path, faults)
		}
		tab.Screenshot(t, "print-"+filepath.Base(path))
		leavePDF(t, tab, filepath.Base(path))
	}
}

// leavePDF prints the page into the folder that SCREENSHOTS names.
func leavePDF(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	out, err := chromedp.Call(tab, printing.PrintToPDF, printing.PrintToPDFParams{PrintBackground: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".pdf"), out.Data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Teams' text stays in its own place on the pages about a round, too.
func TestForeignTextOnPagesOfARound(t *testing.T) {
	s := hostileRoom()
	for i, text := range hostile {
		s.change(i+1, func(t *game.Team) {
			evidence, err := json.Marshal(map[string]any{"members": []map[string]any{{"id": text, "client_id": text, "host": text, "partitions": []int{0}}}})
			if err != nil {
				panic(err) // any text can be encoded
			}
			t.Awards = []game.Award{{Badge: game.Connected, At: sampleNow, Evidence: evidence}, {Badge: game.Scaled, At: sampleNow, Evidence: evidence}}
			t.Events = append(t.Events, game.Event{At: workshop.At(sampleNow), Kind: game.KindJoin, Text: text + " joined"})
			p := &past{team: t.Team, partitions: 5, at: sampleNow.Add(-time.Minute)}
			t.History = p.phase(time.Minute, 2, game.LaneOwned).lasting(2, game.LaneOwned)
			for i := range t.History.Ended {
				t.History.Ended[i].ClientID = text
			}
		})
	}
	for i, p := range predicted() {
		text := hostile[i%len(hostile)]
		p.Question.Text, p.Reason = text+" has one member", text+" changed otherwise"
		s.Public.Predictions = append(s.Public.Predictions, p)
	}
	r := newRoom(t, s)
	tab := browsertest.New(t)
	paths := []string{"/results", "/replay"}
	for i := range hostile {
		paths = append(paths, "/teams/"+strconv.Itoa(i+1)+"/story")
	}
	for _, path := range paths {
		tab.Open(t, r.url+path, 1280, 900)
		if path == "/replay" {
			want(t, tab, `document.body.dataset.replay === 'ready'`)
			evaluate(t, tab, `workshop.replay.show(workshop.replay.length)`)
		}
		for what, script := range map[string]string{"acts on its neighbours": acting, "is drawn over its neighbours": spilling} {
			if got := tab.Text(t, script); got != "" {
				t.Errorf("%s: text %s:\n%s", path, what, got)
			}
		}
		want(t, tab, `document.title !== 'owned' && document.querySelectorAll('img, body script').length === 0`)
	}
	quiet(t, tab)
}
