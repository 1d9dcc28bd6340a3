// Package browsertest gives tests a tab of a real Chromium. Where there is no browser a test is skipped, except
// under CI=true, where that fails it.
package browsertest

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kafka-workshop/internal/testing/lacks"
)

// A Tab is one fresh tab; its context goes to chromedp.Run. It ends with the test.
type Tab struct {
	context.Context
	mu     sync.Mutex
	errors []string
}

// New opens a tab in a browser of the test's own, two minutes long at most. Where no browser is installed
// the test is skipped, and fails under CI.
func New(t testing.TB) *Tab {
	t.Helper()
	return Started(t, 2*time.Minute, nil)
}

// Started is New for a browser that is started in a way of its own, as in another network namespace: change is
// given the command. The browser is driven through a pipe that the command inherits.
func Started(t testing.TB, within time.Duration, change func(*exec.Cmd)) *Tab {
	t.Helper()
	opts := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	opts = append(opts, chromedp.ExecPath(find(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1920, 1080),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	if change != nil {
		opts = append(opts, chromedp.ModifyCmdFunc(change))
	}

	ctx, cancel := context.WithTimeout(context.Background(), within)
	t.Cleanup(cancel)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stopBrowser)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)

	tab := &Tab{Context: ctx}
	messages := chromedp.Console(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { tab.read(messages) })
	t.Cleanup(func() { cancel(); reader.Wait() })
	return tab
}

// Errors are what the page wrote to the console as errors, and uncaught exceptions, so far.
func (tab *Tab) Errors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.errors...)
}

func (tab *Tab) read(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		if m.Type == chromedp.ConsoleError || m.IsException() {
			tab.mu.Lock()
			tab.errors = append(tab.errors, m.String())
			tab.mu.Unlock()
		}
	}
}

// Until polls the page until the JavaScript expression is true; its error tells what it was last.
func (tab *Tab) Until(expression string) error {
	last := ""
	for {
		ok, err := chromedp.Run(tab, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok {
			return nil
		}
		if text, textErr := chromedp.Run(tab, chromedp.Evaluate[string]("document.body.innerText.slice(0, 2000)")); textErr == nil {
			last = text
		}
		select {
		case <-tab.Done():
			return fmt.Errorf("never true: %s; the page read: %q; last error: %w", expression, last, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// find returns the path of a Chromium. Where there is none the test is skipped, and fails under CI.
func find(t testing.TB) string {
	t.Helper()
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

	lacks.Part(t, "no Chromium found: install chromium to test what needs a browser")
	return ""
}

// Open sizes the tab and loads the page.
func (tab *Tab) Open(t testing.TB, url string, width, height int) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate(url)); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
}

// Text evaluates a JavaScript expression to text.
func (tab *Tab) Text(t testing.TB, expression string) string {
	t.Helper()
	text, err := chromedp.Run(tab, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		t.Fatalf("evaluate %s: %v", expression, err)
	}
	return text
}

// Screenshot writes what the tab shows into the folder that SCREENSHOTS names, and does nothing
// when it names none: it is for the eye, and for the pictures in docs.
func (tab *Tab) Screenshot(t testing.TB, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}
