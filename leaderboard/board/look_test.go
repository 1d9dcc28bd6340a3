package board

import (
	"net/url"
	"slices"
	"testing"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A shot is one page at a screen size, in a theme.
type shot struct {
	name, path, theme string
	width, height     int
}

var shots = []shot{
	{"board-dark", "/", "dark", 1920, 1080},
	{"board-light", "/", "light", 1920, 1080},
	{"board-phone", "/", "dark", 390, 844},
	{"team-phone", "/teams/1", "dark", 390, 844},
	{"team-laptop", "/teams/1", "light", 1280, 800},
	{"join-phone", "/join", "light", 390, 844},
	{"instructor", "/instructor", "dark", 1440, 900},
	{"instructor-phone", "/instructor", "light", 390, 844},
	{"guide", "/lessons/scale-up", "dark", 1000, 900},
}

// boardOnly lists the states in which the other pages do not differ from those of fifteen teams.
var boardOnly = map[string]bool{
	"two": true, "three partitions": true, "four": true, "hot six": true, "hot twelve": true, "silent thirty": true,
	"spot six": true, "spot fifteen": true, "spot thirty": true, "spot hundred": true, "podium": true, "podium of one": true,
}

// If SCREENSHOTS names a folder, it also saves the pictures there.
func TestPagesInEveryState(t *testing.T) {
	for name, s := range states() {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, s)
			r.live(s)
			tab := browsertest.New(t)
			r.login(t, tab)
			for _, shot := range shots {
				elsewhere := shot.path == "/join" || shot.path == "/lessons/scale-up"
				if elsewhere && name != "fifteen" || boardOnly[name] && shot.path != "/" || shot.path == "/teams/1" && len(s.Public.Teams) == 0 {
					continue
				}
				prefer(t, tab, shot.theme)
				tab.Open(t, r.url+shot.path, shot.width, shot.height)
				if got := tab.Text(t, "document.documentElement.scrollWidth <= innerWidth"); got != "true" {
					t.Errorf("%s scrolls sideways: it is %s wide", shot.name, tab.Text(t, "document.documentElement.scrollWidth"))
				}
				audited(t, tab, shot)
				tab.Screenshot(t, name+"-"+shot.name)
			}
			if errs := tab.Errors(); len(errs) > 0 {
				t.Errorf("the console says %q", errs)
			}
		})
	}
}

// live lets a minute pass in the room, so that curves have a shape.
func (r *room) live(s *sample) {
	teams := slices.Clone(s.Public.Teams)
	for i := range curvePoints + 2 {
		for _, was := range teams[:min(len(teams), 30)] {
			if was.Lag == nil {
				continue
			}
			lag := int64(i*9%50) + int64(was.Team*i)
			if was.Team%3 == 0 {
				lag = max(*was.Lag-int64(i*12), 3)
			}
			s.change(was.Team, func(t *game.Team) { t.Lag, t.ProcessedPerSecond = &lag, 8+float64((i*was.Team)%40)/10 })
		}
		r.show(s)
	}
}

func (r *room) login(t testing.TB, tab *browsertest.Tab) {
	t.Helper()
	cookie := instructorCookie(httpserve.NewAuth(workshop.Secret(token)))
	at, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, Domain: at.Hostname(), Path: "/"}); err != nil {
		t.Fatal(err)
	}
}

func prefer(t testing.TB, tab *browsertest.Tab, theme string) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
}

// audited reports the faults of a page as it is shown.
func audited(t *testing.T, tab *browsertest.Tab, shot shot) {
	t.Helper()
	if faults := tab.Text(t, audit); faults != "" {
		t.Errorf("%s: %s", shot.name, faults)
	}
	if shot.width != 1920 {
		return
	}
	if small := tab.Text(t, tooSmall); small != "" {
		t.Errorf("%s: under 27 px: %s", shot.name, small)
	}
	if off := tab.Text(t, runsOff); off != "" {
		t.Errorf("%s: runs off: %s", shot.name, off)
	}
}
