package board

import (
	"fmt"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve/httpservetest"
	"kafka-workshop/internal/testing/browsertest"
)

// While a proxy holds back a stream, including its header, every page polls and never shows "Connection lost". When the proxy
// lets the stream through, the page switches to it.
func TestBehindAProxyThatHoldsStreamsPagesPoll(t *testing.T) {
	for _, path := range []string{"/", "/teams/1", "/instructor"} {
		t.Run(strings.Trim(path, "/"), func(t *testing.T) {
			s := newSample(3)
			r := newRoom(t, s)
			var release func()
			r.url, release = httpservetest.HoldingProxy(t, r.url)
			tab := browsertest.New(t)
			r.login(t, tab)
			tab.Open(t, r.url+path, 1280, 800)
			evaluate(t, tab, `new MutationObserver(() => { if (document.body.classList.contains('disconnected')) document.body.dataset.wasLost = 'yes'; })
				.observe(document.body, { attributes: true, attributeFilter: ['class'] })`)

			owners := `[...document.querySelectorAll('.cell[data-team="1"]')].map(c => c.dataset.owner).join(' ')`
			for members, want1 := range map[int]string{2: "kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1", 6: "kgo-1-0 kgo-1-1 kgo-1-2 kgo-1-3 kgo-1-4"} {
				r.members(s, 1, members)
				want(t, tab, fmt.Sprintf(`%s === %q`, owners, want1))
			}
			want(t, tab, `!document.body.dataset.live && !document.body.dataset.wasLost && document.querySelector('#disconnected').hidden`)

			release()
			want(t, tab, `document.body.dataset.live === 'yes'`)
			r.members(s, 1, 0)
			want(t, tab, owners+` === '    '`)
			want(t, tab, `!document.body.dataset.wasLost`)
			quiet(t, tab)
		})
	}
}

// A service that has no streams left answers 503, and the pages poll.
func TestOverTheLimitOfStreamsPagesPoll(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	r.full.Store(true)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/", 1280, 800)
	r.members(s, 1, 2)
	want(t, tab, ownersOf1+` === 'kgo-1-0 kgo-1-0 kgo-1-0 kgo-1-1 kgo-1-1' && document.querySelector('#disconnected').hidden`)

	r.full.Store(false)
	want(t, tab, `document.body.dataset.live === 'yes'`)
}
