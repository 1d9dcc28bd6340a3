package board

import (
	"bufio"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kafka-workshop/leaderboard/game"

	"pgregory.net/rapid"
)

// A viewer reads an event stream.
type viewer struct {
	lines *bufio.Scanner
}

func (r *room) watch(t testing.TB, path string) *viewer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close(); http.DefaultClient.CloseIdleConnections() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%s answers %s, %q", path, resp.Status, got)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return &viewer{lines}
}

// next returns the next event and its data.
func (v *viewer) next(t testing.TB) (event, data string) {
	t.Helper()
	for v.lines.Scan() {
		switch line := v.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			event = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data += line[len("data: "):]
		case line == "" && event != "":
			return event, data
		}
	}
	t.Fatalf("the stream ended: %v", v.lines.Err())
	return "", ""
}

// until reads up to the part with the id, and returns the ids that came before it.
func (v *viewer) until(t testing.TB, id string) (before []string, data string) {
	t.Helper()
	for {
		event, data := v.next(t)
		if event == id || strings.Contains(data, `id="`+id+`"`) && event == "part" {
			return before, data
		}
		before = append(before, event)
	}
}

func TestAViewerGetsTheWholeThenOnlyWhatChanged(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	v := r.watch(t, "/events")
	if event, data := v.next(t); event != "hello" || !strings.HasPrefix(data, r.pages.build+" ") {
		t.Fatalf("the first event is %s %q", event, data)
	}
	before, order := v.until(t, "order")
	v.until(t, "whole")
	if len(before) != 11+15 || !strings.HasPrefix(order, "std t2 ") {
		t.Fatalf("%d parts before the order %q", len(before), order)
	}

	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Teams = append([]game.Team(nil), b.Teams...)
		setMembers(&b.Teams[6], 5, 2)
	}
	r.Publish(s.View)
	event, data := v.next(t)
	if event != "part" || !strings.Contains(data, `id="t7"`) || !strings.Contains(data, `data-owner="kgo-7-1"`) {
		t.Fatalf("after a change of team 7 came %s %q", event, data)
	}
	if event, _ := v.next(t); event != "whole" {
		t.Fatalf("the change ends with %s", event)
	}
	s.Public.Message = "hello"
	r.Publish(s.View)
	if _, data := v.next(t); !strings.Contains(data, `id="say"`) {
		t.Fatalf("after the message came %q: something that did not change was sent", data)
	}
}

// The teams that a rising team passes only sink: their rows are not sent again.
func TestWhenATeamRisesItsRowIsSentAloneWithTheRanks(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	v := r.watch(t, "/events")
	v.until(t, "whole")
	s.change(1, func(t *game.Team) { t.Points = 420 })
	r.Publish(s.View)

	var rows, ranks []string
	for {
		event, data := v.next(t)
		if event == "order" {
			break
		}
		switch m := regexp.MustCompile(`^<\w+ id="t(\d+)(-rank)?"`).FindStringSubmatch(data); {
		case m == nil:
			t.Errorf("an event %s: %.200s", event, data)
		case m[2] == "":
			rows = append(rows, m[1])
		default:
			ranks = append(ranks, m[1])
		}
	}
	if !slices.Equal(rows, []string{"1"}) || len(ranks) != 6 {
		t.Errorf("the rows of %v were sent, and the ranks of %v; team 1 has passed six", rows, ranks)
	}
}

func TestFiguresTickOnceASecond(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	v := r.watch(t, "/events")
	v.until(t, "whole")
	lagOf := func(n int64) {
		s.Public.Teams = append([]game.Team(nil), s.Public.Teams...)
		s.Public.Teams[0].Lag = &n
	}
	lagOf(777)
	r.Publish(s.View) // within the second of the last tick
	s.Public.Message = "marks the place"
	r.Publish(s.View)
	if before, _ := v.until(t, "say"); len(before) > 0 {
		t.Fatalf("%d events before the second was over", len(before))
	}
	r.show(s)
	if _, data := v.until(t, "t1-figures"); !strings.Contains(data, "777") {
		t.Fatalf("the figures are %q", data)
	}
}

// Figures wait for the next second, except in a row that is rendered again: a change of layout adds or removes their curves.
func TestFiguresAreThoseOfTheirRow(t *testing.T) {
	s := newSample(15)
	r := newRoom(t, s)
	r.live(s)
	s.Public.Spotlight = 7
	r.show(s)
	v := r.watch(t, "/events") // the rows are rendered for it, in two columns without curves
	v.until(t, "whole")

	s.Public.Spotlight = 0
	r.Publish(s.View) // within the second
	if n := strings.Count(r.get(t, "/", false, http.StatusOK), `viewBox="0 0 100 30"`); n < 2*14 {
		t.Errorf("the page has %d curves, of which each team with members has two", n)
	}
}

// However a viewer skips publishes, what it receives adds up to the newest state.
func TestSkippingViewersEndUpWithTheNewestState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFeed()
		has := map[string]string{}
		var last uint64
		truth := map[string]string{}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "publish") {
				var specs []spec
				for id := range 4 {
					name := strconv.Itoa(id)
					text := strconv.Itoa(rapid.IntRange(0, 2).Draw(rt, "version"))
					specs = append(specs, spec{event: "part", id: name, key: text, render: func() string { return name + "=" + text }})
					truth[name] = text
				}
				f.publish(specs, true)
				continue
			}
			fr := f.now.Load()
			if fr.seq > last {
				takeParts(has, string(fr.since(last)))
				last = fr.seq
			}
		}
		if fr := f.now.Load(); fr.seq > last {
			takeParts(has, string(fr.since(last)))
		}
		for id, want := range truth {
			if has[id] != want {
				rt.Fatalf("part %s is %q for the viewer and %q in truth", id, has[id], want)
			}
		}
	})
}

func takeParts(has map[string]string, events string) {
	for line := range strings.SplitSeq(events, "\n") {
		if id, text, ok := strings.Cut(strings.TrimPrefix(line, "data: "), "="); ok {
			has[id] = text
		}
	}
}

func TestAViewerThatNeverReadsHoldsNobodyUp(t *testing.T) {
	s := newSample(100)
	r := newRoom(t, s)
	r.watch(t, "/events") // opened, but never read
	good := r.watch(t, "/events")
	good.until(t, "order")
	for i := range 200 {
		s.change(1+i%100, func(t *game.Team) { t.Points += 10 })
		r.Publish(s.View)
	}
	s.Public.Message = "the last one"
	r.Publish(s.View)
	for {
		if _, data := good.until(t, "say"); strings.Contains(data, "the last one") {
			return
		}
	}
}
