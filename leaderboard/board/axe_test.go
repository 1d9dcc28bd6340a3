package board

import (
	"os"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/chromedp/chromedp"
)

// axeJS returns axe-core's script: the file that AXE_JS names, or what npm installed at the top of the tree. Without it, the
// test is skipped.
func axeJS(t *testing.T) string {
	t.Helper()
	paths := []string{os.Getenv("AXE_JS"), "../../node_modules/axe-core/axe.min.js"}
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			return string(text)
		}
	}
	lacks.Part(t, "axe-core is missing: npm install axe-core, and name its axe.min.js in AXE_JS")
	return ""
}

// axeFaults returns what axe-core finds on the page.
func axeFaults(t *testing.T, tab *browsertest.Tab, axe string) string {
	t.Helper()
	const check = `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
		.then(r => r.violations.map(v => v.id + ' (' + v.impact + '): ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + n.failureSummary.replace(/\s+/g, ' ').slice(0, 200)).slice(0, 3).join(' | ')).join('\n'))`
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](axe+";true")); err != nil {
		t.Fatal(err)
	}
	faults, err := chromedp.Run(tab, chromedp.Evaluate[string](check, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(faults)
}

// No page, dark or light, with everything on it that there may be, has a fault that axe-core detects.
func TestAxeFindsNothing(t *testing.T) {
	axe := axeJS(t)
	for _, name := range []string{"moving", "revealing", "nobody", "silent", "hot twelve", "two", "spot fifteen", "podium"} {
		t.Run(name, func(t *testing.T) {
			s := states()[name]
			r := newRoom(t, s)
			r.live(s)
			tab := browsertest.New(t)
			r.login(t, tab)
			for _, shot := range slices.Concat(shots, roundShots) {
				prefer(t, tab, shot.theme)
				tab.Open(t, r.url+shot.path, shot.width, shot.height)
				if faults := axeFaults(t, tab, axe); faults != "" {
					t.Errorf("%s:\n%s", shot.name, faults)
				}
			}
		})
	}
}
