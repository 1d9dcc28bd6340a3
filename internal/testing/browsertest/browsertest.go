// Package browsertest gives tests a tab of a real Chromium. Without one a test is skipped, or fails if CI=true.
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

// A Tab is a new tab, and the context for chromedp.Run. It is closed at the end of the test.
type Tab struct {
	context.Context
	mu     sync.Mutex
	errors []string
}

// New opens a tab in a new browser, for at most two minutes.
func New(t testing.TB) *Tab {
	t.Helper()
	return Started(t, 2*time.Minute, nil)
}

// Started is like New, but change may change the command that starts the browser, for example to run it in another network
// namespace. The browser is controlled through a pipe that the command inherits.
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

// Errors returns the page's errors on the console, including uncaught exceptions, so far.
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

// Until polls the page until the JavaScript expression is true. The error contains the page's last text.
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

// find returns the path of a Chromium.
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

// Text returns the value of a JavaScript expression as text.
func (tab *Tab) Text(t testing.TB, expression string) string {
	t.Helper()
	text, err := chromedp.Run(tab, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		t.Fatalf("evaluate %s: %v", expression, err)
	}
	return text
}

// Screenshot writes a screenshot to the folder of SCREENSHOTS, if that is set: to look at, and for the docs.
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
