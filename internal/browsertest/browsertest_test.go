package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTabHearsOfErrors(t *testing.T) {
	tab := New(t)
	if err := chromedp.Run(tab, chromedp.Navigate("about:blank"), chromedp.Evaluate(`console.error("heard")`, nil)); err != nil {
		t.Fatal(err)
	}
	if err := tab.Until("document.body"); err != nil {
		t.Fatal(err)
	}
	if got := tab.Errors(); len(got) != 1 {
		t.Fatalf("errors: %q", got)
	}
}
