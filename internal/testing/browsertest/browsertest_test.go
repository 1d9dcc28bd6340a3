package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTabHearsOfErrors(t *testing.T) {
	tab := New(t)
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](`console.error("heard")`)); err != nil {
		t.Fatal(err)
	}
	for len(tab.Errors()) == 0 {
		if err := tab.Until("document.body"); err != nil {
			t.Fatal(err)
		}
	}
}
