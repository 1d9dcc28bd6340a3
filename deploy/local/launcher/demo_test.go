package main

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

var wholeDemo = flag.Bool("whole-demo", false, "play the demo's whole class, eleven minutes, and look for every badge")

// members are how many a kind of team has, by the plan: at a phase's start and when its script is over.
type members struct{ before, after int }

// played follows every kind of team through the plan.
func played(t *testing.T) []map[string]members {
	t.Helper()
	have, sizes := map[string]int{}, map[string][]int{} // members, and each client's
	var out []map[string]members
	for _, p := range plan {
		now := map[string]members{}
		for _, kind := range kinds {
			before := have[kind]
			longest := stagger
			for step := range strings.SplitSeq(p.plays[kind], ",") {
				words := strings.Fields(step)
				if len(words) == 0 {
					continue
				}
				size := 1
				if i := slices.Index(words, "--instances"); i > 0 {
					size, _ = strconv.Atoi(words[i+1]) // a wrong number is 0 members, which the test below sees
				}
				if slices.Contains(words, "--assignor") && kind == "sticky" && slices.Contains(words, "range") {
					size = 0 // the group refuses it
				}
				switch words[0] {
				case "join", "python", "elsewhere":
					have[kind], sizes[kind] = have[kind]+size, append(sizes[kind], size)
				case "leave", "crash":
					if len(sizes[kind]) == 0 {
						t.Fatalf("%q: %s has nobody who could %s", p.says, kind, words[0])
					}
					have[kind], sizes[kind] = have[kind]-sizes[kind][0], sizes[kind][1:]
				default:
					seconds, err := strconv.ParseFloat(words[0], 64)
					if err != nil {
						t.Fatalf("%q: %q is no step", p.says, step)
					}
					longest += time.Duration(seconds * float64(time.Second))
				}
			}
			if p.plays[kind] != "" && longest > p.lasts-10*time.Second {
				t.Errorf("%q: %s needs %v, and 10 s more to be seen", p.says, kind, longest)
			}
			now[kind] = members{before, have[kind]}
		}
		for kind := range p.plays {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%q: no team is of the kind %q", p.says, kind)
			}
		}
		if p.says == "" || len([]rune(p.says)) > 200 {
			t.Errorf("%q does not fit the board", p.says)
		}
		out = append(out, now)
	}
	return out
}

// Every belief that people come with is put right in a phase of the plan, by what happens there.
func TestTheDemoShowsEveryMoment(t *testing.T) {
	teams := played(t)
	plays := func(p phase, kind, step string) bool { return strings.Contains(p.plays[kind], step) }
	for belief, c := range map[string]struct {
		says string
		is   func(i int, p phase) bool
	}{
		"more members are always faster": {"nothing to do", func(i int, _ phase) bool { return teams[i]["crowd"].after > workshop.ScaleUp.Partitions }},
		"every member sees all records":  {"Who reads what", func(i int, p phase) bool { return p.do != nil && teams[i]["range"].before == 2 }},
		"a crash is noticed at once":     {"session timeout", func(i int, p phase) bool { return plays(p, "range", "crash") && teams[i]["range"].after > 0 }},
		"earliest starts again from 0": {"goes on at the commit", func(i int, p phase) bool {
			return plays(p, "range", "--from earliest") && teams[i-1]["range"].after == 2
		}},
		"a record is processed once":                {"read twice", func(_ int, p phase) bool { return plays(p, "range", "crash") && plays(p, "exact", "crash") }},
		"the committed offset is the last one read": {"not the last one read", func(i int, _ phase) bool { return teams[i]["range"].before > 0 }},
		"healthy lag is 0":                          {"saw-tooth", func(i int, p phase) bool { return p.do != nil && teams[i]["quiet"].before > 0 }},
		"a topic is ordered":                        {"stay in order in a lane", func(_ int, p phase) bool { return p.do != nil }},
		"no key means round robin":                  {"stay on one for a batch", func(_ int, p phase) bool { return p.do != nil }},
		"adding partitions is harmless":             {"keys change lanes", func(i int, p phase) bool { return p.do != nil && strings.Contains(plan[i-1].says, "Keys by user") }},
		"only the moving partitions stop":           {"only those that move", func(_ int, p phase) bool { return plays(p, "range", "join") && plays(p, "sticky", "join") }},
		"a group is for one topic":                  {"reads another", func(_ int, p phase) bool { return plays(p, "quiet", "elsewhere") }},
	} {
		i := slices.IndexFunc(plan, func(p phase) bool { return strings.Contains(p.says, c.says) })
		if i < 1 || !c.is(i, plan[i]) {
			t.Errorf("no phase shows what is wrong with %q", belief)
		}
	}
	if teams[len(teams)-1]["slow"].after != 5 {
		t.Errorf("the team that was behind has %d members", teams[len(teams)-1]["slow"].after)
	}
}

// moments is what was seen of a class.
type moments struct {
	badges, messages, kinds map[string]bool
	idle, duplicates, lag   bool
	frozen, revealed        bool
	elsewhere               bool
	partitions              int
}

func (m *moments) look(t *testing.T, d *deployment) {
	t.Helper()
	var board struct {
		Message    string `json:"message"`
		Frozen     bool   `json:"frozen"`
		Partitions int    `json:"partitions"`
		Teams      []struct {
			Badges []struct {
				Badge string `json:"badge"`
			} `json:"badges"`
			Members []struct {
				Partitions []int `json:"partitions"`
			} `json:"members"`
			Lag     *int64 `json:"lag"`
			Actions struct {
				Duplicate int64 `json:"duplicate"`
			} `json:"actions"`
		} `json:"teams"`
	}
	look(t, "http://"+d.board+"/api/board", &board)
	m.messages[board.Message], m.partitions = true, board.Partitions
	m.frozen = m.frozen || board.Frozen
	m.revealed = m.revealed || (m.frozen && !board.Frozen)
	for i, team := range board.Teams {
		for _, b := range team.Badges {
			m.badges[b.Badge] = true
		}
		for _, one := range team.Members {
			m.idle = m.idle || len(one.Partitions) == 0
			m.elsewhere = m.elsewhere || (len(one.Partitions) == 0 && i == 5)
		}
		m.lag = m.lag || (team.Lag != nil && *team.Lag > 1000)
		m.duplicates = m.duplicates || team.Actions.Duplicate > 0
	}
	for team := range board.Teams {
		var detail struct {
			Events []struct {
				Kind string `json:"kind"`
			} `json:"events"`
		}
		look(t, fmt.Sprintf("http://%s/api/teams/%d", d.board, team+1), &detail)
		for _, e := range detail.Events {
			m.kinds[e.Kind] = true
		}
	}
}

// The demo's teams join, share and score with nobody's hand; with -whole-demo, all of it.
func TestTheDemoPlaysAClass(t *testing.T) {
	t.Parallel()
	const token = "a token of this test alone"
	d := newDeployment(t, "--demo", "--teams", "15", "--instructor-token", token)
	d.start(t)
	m := &moments{badges: map[string]bool{}, messages: map[string]bool{}, kinds: map[string]bool{}}
	badges := []string{"connected", "first_load", "scaled", "stats_published"}
	lasts := 3 * time.Minute
	if *wholeDemo {
		badges = append(badges, "fault_tolerant", "full_house", "spare", "lag_buster", "sharpshooter")
		lasts = 0
		for _, p := range plan {
			lasts += p.lasts
		}
	}
	over := time.After(lasts)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for enough := false; !enough; {
		select {
		case <-over:
			enough = true
		case <-tick.C:
			m.look(t, d)
			enough = !*wholeDemo && !slices.ContainsFunc(badges, func(b string) bool { return !m.badges[b] })
		}
	}
	for _, b := range badges {
		if !m.badges[b] {
			t.Errorf("no team earned %s", b)
		}
	}
	if !*wholeDemo { // what the instructor does last is done here
		s := &stack{flags: flags{Board: d.board}, token: token}
		for _, path := range []string{"/freeze", "/reveal"} {
			if err := act(path)(t.Context(), s); err != nil {
				t.Error(err)
			}
		}
		return
	}
	for _, p := range plan {
		if !m.messages[p.says] {
			t.Errorf("the board never said %q", p.says)
		}
	}
	if !m.frozen || !m.revealed || !m.idle || !m.duplicates || !m.lag || !m.elsewhere || m.partitions != 6 || !m.kinds["timeout"] || !m.kinds["leave"] {
		t.Errorf("seen: %+v", m)
	}
	t.Logf("badges %v, events %v", slices.Sorted(maps.Keys(m.badges)), slices.Sorted(maps.Keys(m.kinds)))
	resp, err := http.Get("http://" + d.board + "/")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}
