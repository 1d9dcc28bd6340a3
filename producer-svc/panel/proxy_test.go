package panel

import (
	"testing"

	"kafka-workshop/internal/httpserve/httpservetest"
)

// If a proxy holds the stream back, its headers included, the panel polls and stays usable.
func TestBehindAProxyThatHoldsStreamsThePanelAsks(t *testing.T) {
	r := open(t)
	var release func()
	r.url, release = httpservetest.HoldingProxy(t, r.url)
	tab := r.enter(t, 1366, 768)
	see(t, tab, `!document.body.classList.contains("lost") && !document.getElementById("all").inert`)
	run(t, tab, `new MutationObserver(() => { if (document.body.classList.contains("lost")) document.body.dataset.wasLost = "yes"; })
		.observe(document.body, { attributes: true, attributeFilter: ["class"] })`)
	press(t, tab, "+")
	r.rateIs(t, 20)
	see(t, tab, `document.getElementById("rate").value === "20" && document.getElementById("produced").textContent !== "0"`)

	release()
	press(t, tab, "+")
	r.rateIs(t, 50)
	see(t, tab, `document.getElementById("rate").value === "50" && !document.body.dataset.wasLost`)
	clean(t, tab)
}
