package board

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/leaderboard/game"
)

func TestPagesOfAList(t *testing.T) {
	for _, c := range []struct {
		number, rows, size int
		want               pageRange
	}{
		{1, 0, 100, pageRange{1, 1, 0, 0, 0}},
		{1, 100, 100, pageRange{1, 1, 0, 100, 100}},
		{1, 101, 100, pageRange{1, 2, 0, 100, 101}},
		{2, 101, 100, pageRange{2, 2, 100, 101, 101}},
		{9, 101, 100, pageRange{2, 2, 100, 101, 101}},
		{20, 2000, 100, pageRange{20, 20, 1900, 2000, 2000}},
	} {
		if got := pageOf(c.number, c.rows, c.size); got != c.want {
			t.Errorf("page %d of %d rows: %+v, want %+v", c.number, c.rows, got, c.want)
		}
	}

	p := pager{pageRange: pageOf(20, 2000, 100), path: "/"}
	if p.Shown() != "1,901–2,000 of 2,000" || p.Before() != "/?page=19" || p.After() != "/?page=1" {
		t.Errorf("the last page: %s, %s, %s", p.Shown(), p.Before(), p.After())
	}
}

// ids returns the rows that a viewer receives before the order, and the order.
func (v *viewer) ids(t testing.TB) (rows, order []string) {
	t.Helper()
	for {
		event, data := v.next(t)
		if event == "order" {
			return rows, strings.Fields(data)[1:]
		}
		if id, _, ok := strings.Cut(strings.TrimPrefix(data, `<li id="`), `"`); ok && event == "part" && strings.HasPrefix(data, `<li id="t`) {
			rows = append(rows, id)
		}
	}
}

// A viewer receives only the rows of its page: at once, and when they change.
func TestAViewerGetsTheRowsOfItsPage(t *testing.T) {
	s := newSample(230)
	r := newRoom(t, s)
	var all []string
	for page, n := range map[string]int{"": 100, "?page=2": 100, "?page=3": 30} {
		rows, order := r.watch(t, "/events"+page).ids(t)
		if len(rows) != n || !slices.Equal(rows, order) {
			t.Errorf("%q has %d rows in the order %v", page, len(rows), order)
		}
		if body := r.get(t, "/"+page, false, http.StatusOK); strings.Count(body, `<li id="t`) != n {
			t.Errorf("the page %q has %d rows", page, strings.Count(body, `<li id="t`))
		}
		all = append(all, rows...)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 230 {
		t.Errorf("the pages have %d teams together", len(all))
	}

	third := r.watch(t, "/events?page=3")
	_, order := third.ids(t)
	third.until(t, "whole")
	last := order[len(order)-1]
	for i := range s.Public.Teams {
		s.change(i+1, func(t *game.Team) { t.Name += "!" })
	}
	s.Public.Message = "the last one"
	r.Publish(s.View)
	var rows []string
	for {
		event, data := third.next(t)
		if event == "part" && strings.HasPrefix(data, `<li id="t`) {
			rows = append(rows, data)
			if strings.HasPrefix(data, `<li id="`+last+`"`) {
				break
			}
		}
	}
	if len(rows) != 30 {
		t.Errorf("a change of every team sends %d rows to the third page", len(rows))
	}

	if _, behind := r.watch(t, "/events?page=9").ids(t); !slices.Equal(behind, order) {
		t.Errorf("a page behind the last has %v", behind)
	}
	for _, path := range []string{"/?page=0", "/?page=91", "/?page=x", "/events?page=91"} {
		r.get(t, path, false, http.StatusNotFound)
	}
}

// Pages without viewers are neither rendered nor compared, and dropped after a while.
func TestPagesThatNobodyWatchesCostNothing(t *testing.T) {
	s := newSample(1000)
	r := newRoom(t, s)
	r.watch(t, "/events?page=7").until(t, "whole")
	r.get(t, "/?page=2", false, http.StatusOK)
	kept := func() (keys []feedKey) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for k := range r.feeds {
			keys = append(keys, k)
		}
		return keys
	}
	if n := len(kept()); n != 2 {
		t.Fatalf("%d feeds for two pages", n)
	}

	for range keptFor + 1 {
		r.show(s)
	}
	if got := kept(); len(got) != 1 || got[0].number != 7 {
		t.Errorf("feeds are left for %+v", got)
	}
	if n := len(r.publicRows); n != 200 {
		t.Errorf("%d rows were compared, want those of two pages", n)
	}
}
