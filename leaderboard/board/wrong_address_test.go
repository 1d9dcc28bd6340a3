package board

import (
	"testing"

	"kafka-workshop/internal/testing/browsertest"
)

// A visitor who mistypes an address gets a page in the product's design, with links to continue.
func TestAWrongAddressIsAPage(t *testing.T) {
	r := newRoom(t, newSample(3))
	tab := browsertest.New(t)
	for _, shot := range []struct {
		path, title, theme string
		width              int
	}{
		{"/nothing", "Page not found", "dark", 1920}, {"/teams/99", "Page not found", "light", 390}, {"/api/teams/99", "Page not found", "dark", 390},
	} {
		prefer(t, tab, shot.theme)
		tab.Open(t, r.url+shot.path, shot.width, 844)
		want(t, tab, `document.querySelector('h1').textContent === '`+shot.title+`' && document.querySelector('main a').pathname === '/'`)
		want(t, tab, `getComputedStyle(document.querySelector('main')).width !== '' && document.styleSheets.length === 1 && document.documentElement.scrollWidth <= innerWidth`)
		tab.Screenshot(t, "wrong-address-"+shot.theme)
	}
}
