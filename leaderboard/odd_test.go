package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// anyLineEnd splits lines as browsers do.
func anyLineEnd(data []byte, atEOF bool) (advance int, line []byte, err error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// Members may choose any name: their ids forge no event, and do not affect the surrounding text.
func TestOddClientIDsOnTheBoard(t *testing.T) {
	ids := []string{
		"\u202egnihtyna", strings.Repeat("x", 249), "\U0001f468\u200d\U0001f469\u200b", "<b>a</b>\x1b[2J\x1b[31mBOO\n\tz",
		"\r\revent: order\rdata: std t2\r\revent: hello\rdata: another-build 1\r\r",
	}
	kafka := kafkatest.New(t)
	w := newWork(t, kafka)
	p := start(t, kafka, postgrestest.URL(t))
	p.ready(t, http.StatusOK)
	for _, id := range ids {
		c := w.Client(t, kgo.ConsumerGroup(w.Group(1)), kgo.ConsumeTopics(w.Topic()), kgo.ClientID(id))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				c.PollFetches(ctx)
			}
		}()
		t.Cleanup(func() { cancel(); <-done; c.CloseAllowingRebalance() })
	}
	p.until(t, "all members", func(b game.Board) bool { return len(b.Teams[0].Members) == len(ids) && b.Teams[0].State == "Stable" })

	// As a browser reads the stream.
	for path, orders := range map[string]int{"/events": 1, "/events?team=1": 0} {
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: client.Transport}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		lines.Split(anyLineEnd)
		seen := map[string]int{}
		for lines.Scan() && seen["whole"] == 0 {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				seen[name]++
			}
		}
		cancel()
		_ = res.Body.Close() // the stream was cut off
		if seen["whole"] != 1 || seen["order"] != orders || seen["hello"] != 1 {
			t.Errorf("%s brings %v", path, seen)
		}
	}

	if _, page := p.get("/teams/1"); strings.ContainsFunc(visible(page), func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && r != '\u2068' && r != '\u2069'
	}) {
		t.Error("the team's page shows what acts on its neighbours")
	}

	tab := browsertest.New(t)
	for _, size := range [][2]int{{1920, 1080}, {390, 844}} {
		for _, path := range []string{"/", "/teams/1"} {
			tab.Open(t, p.url+path, size[0], size[1])
			if err := tab.Until(`document.body.dataset.live && document.documentElement.scrollWidth <= innerWidth`); err != nil {
				t.Fatal(err)
			}
			tab.Screenshot(t, fmt.Sprintf("odd%s-%d", strings.ReplaceAll(path, "/", "-"), size[0]))
		}
	}
}

// visible returns a page's text, roughly: what is between its tags.
func visible(page string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(page, "<") {
		_, text, _ := strings.Cut(part, ">")
		out.WriteString(text)
	}
	return out.String()
}
