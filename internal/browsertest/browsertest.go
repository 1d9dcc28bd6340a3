// Package browsertest gives tests a tab of a real Chromium. Where there is no browser a test says so
// and passes by, except under CI=true, where that fails it.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Tab is one fresh tab; its context goes to chromedp.Run. It ends with the test.
type Tab struct {
	context.Context
	mu     sync.Mutex
	errors []string
}

// New opens a tab in a browser of the test's own, two minutes long at most. When no browser is
// installed and CI is not set, it ends the test as passed, with a line that says so.
func New(t testing.TB) *Tab {
	t.Helper()
	path := find()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("browsertest: no Chromium found: install it")
		}
		t.Log("browsertest: no Chromium found, so what needs it was not tested: install chromium to test it")
		runtime.Goexit()
	}
	opts := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	opts = append(opts, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1920, 1080),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(60*time.Second))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancelBrowser)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	tab := &Tab{Context: ctx}
	chromedp.ListenTarget(ctx, tab.note)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("browsertest: start %s: %v", path, err)
	}
	return tab
}

// Errors are what the page wrote to the console as errors, and uncaught exceptions, so far.
func (tab *Tab) Errors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.errors...)
}

func (tab *Tab) note(event any) {
	text := ""
	switch e := event.(type) {
	case *cdpruntime.EventExceptionThrown:
		text = e.ExceptionDetails.Error()
	case *cdpruntime.EventConsoleAPICalled:
		if e.Type != cdpruntime.APITypeError {
			return
		}
		var words []string
		for _, arg := range e.Args {
			words = append(words, string(arg.Value)+arg.Description)
		}
		text = strings.Join(words, " ")
	default:
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.errors = append(tab.errors, text)
}

// Until polls the page until the JavaScript expression is true; its error tells what it was last.
func (tab *Tab) Until(expression string) error {
	var last any
	for {
		var ok bool
		err := chromedp.Run(tab, chromedp.Evaluate("Boolean("+expression+")", &ok))
		if err == nil && ok {
			return nil
		}
		_ = chromedp.Run(tab, chromedp.Evaluate("document.body && document.body.innerText.slice(0, 2000)", &last))
		select {
		case <-tab.Done():
			return fmt.Errorf("never true: %s; the page read: %v; last error: %w", expression, last, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	for _, path := range []string{"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
