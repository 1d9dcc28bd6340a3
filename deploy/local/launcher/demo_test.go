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

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var wholeDemo = flag.Bool("whole-demo", false, "play the demo's whole class, eleven minutes, and look for every badge")

// members are how many a kind of team has: when a step begins, and when its script is over.
type members struct{ before, after int }

// played follows every kind of team through a sheet.
func played(t *testing.T, steps []workshop.Step) []map[string]members {
	t.Helper()
	have, sizes := map[string]int{}, map[string][]int{} // members, and each client's
	var out []map[string]members
	for _, step := range steps {
		now := map[string]members{}
		for _, kind := range kinds {
			before := have[kind]
			longest := stagger
			if step.Predict != "" {
				longest += votesFor
			}
			for part := range strings.SplitSeq(script(step, kind), ",") {
				words := strings.Fields(part)
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
				case "join", "python":
					have[kind], sizes[kind] = have[kind]+size, append(sizes[kind], size)
				case "leave", "crash":
					if len(sizes[kind]) == 0 {
						t.Fatalf("%q: %s has nobody who could %s", step.Title, kind, words[0])
					}
					have[kind], sizes[kind] = have[kind]-sizes[kind][0], sizes[kind][1:]
				default:
					seconds, err := strconv.ParseFloat(words[0], 64)
					if err != nil {
						t.Fatalf("%q: %q is no step", step.Title, part)
					}
					longest += time.Duration(seconds * float64(time.Second))
				}
			}
			if script(step, kind) != "" && longest > duration(step)-10*time.Second {
				t.Errorf("%q: %s needs %v, and 10 s more to be seen", step.Title, kind, longest)
			}
			now[kind] = members{before, have[kind]}
		}
		if step.Robots != nil {
			for kind := range step.Robots.Teams {
				if !slices.Contains(kinds, kind) {
					t.Errorf("%q: no team is of the kind %q", step.Title, kind)
				}
			}
		}
		out = append(out, now)
	}
	return out
}

// Every belief that people come with is put right in a step, by what happens there.
func TestTheSheetShowsEveryMoment(t *testing.T) {
	s, err := sheet.Default(workshop.Room{Lesson: workshop.ScaleUp, Teams: 15})
	if err != nil {
		t.Fatal(err)
	}
	teams := played(t, s.Steps)
	plays := func(step workshop.Step, kind, part string) bool { return strings.Contains(script(step, kind), part) }
	for belief, c := range map[string]struct {
		says string
		is   func(i int, s workshop.Step) bool
	}{
		"more members are always faster": {"and then one more", func(i int, _ workshop.Step) bool { return teams[i]["crowd"].after > workshop.ScaleUp.Partitions }},
		"every member sees all records":  {"one member of a group", func(i int, _ workshop.Step) bool { return teams[i]["range"].before == 2 }},
		"a crash is noticed at once":     {"session timeout", func(i int, s workshop.Step) bool { return plays(s, "range", "crash") && teams[i]["range"].after > 0 }},
		"earliest starts again from 0": {"goes on at the commit", func(i int, s workshop.Step) bool {
			return plays(s, "range", "--from earliest") && teams[i]["range"].before == 2
		}},
		"a record is processed once":                {"read twice", func(_ int, s workshop.Step) bool { return plays(s, "range", "crash") && plays(s, "exact", "crash") }},
		"the committed offset is the last one read": {"not the last one read", func(i int, _ workshop.Step) bool { return teams[i]["range"].before > 0 }},
		"healthy lag is 0":                          {"saw-tooth", func(i int, s workshop.Step) bool { return s.Load != nil && teams[i]["quiet"].before > 0 }},
		"a topic is ordered":                        {"stay in order in a lane", func(_ int, s workshop.Step) bool { return *s.Load.Keys == workshop.KeysUser }},
		"more members help a hot key":               {"One hot key", func(_ int, s workshop.Step) bool { return *s.Load.Keys == workshop.KeysHot }},
		"only the moving partitions stop":           {"only those that move", func(_ int, s workshop.Step) bool { return plays(s, "range", "join") && plays(s, "sticky", "join") }},
	} {
		i := slices.IndexFunc(s.Steps, func(s workshop.Step) bool { return strings.Contains(s.Say, c.says) })
		if i < 1 || !c.is(i, s.Steps[i]) {
			t.Errorf("no step shows what is wrong with %q", belief)
		}
	}
	if teams[len(teams)-1]["slow"].after != 5 {
		t.Errorf("the team that was behind has %d members", teams[len(teams)-1]["slow"].after)
	}
}

func TestRobotsCanPlayEverySheet(t *testing.T) {
	for _, lesson := range workshop.Lessons() {
		s, err := sheet.Default(workshop.Room{Lesson: lesson, Teams: 15})
		if err != nil {
			t.Fatal(err)
		}
		played(t, s.Steps)
	}
}

// moments is what was seen of a class.
type moments struct {
	badges, messages, kinds map[string]bool
	idle, duplicates, lag   bool
	frozen, revealed        bool
}

func (m *moments) look(t *testing.T, d *deployment) {
	t.Helper()
	var board struct {
		Message string `json:"message"`
		Frozen  bool   `json:"frozen"`
		Teams   []struct {
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
	m.messages[board.Message] = true
	m.frozen = m.frozen || board.Frozen
	m.revealed = m.revealed || (m.frozen && !board.Frozen)
	for _, team := range board.Teams {
		for _, b := range team.Badges {
			m.badges[b.Badge] = true
		}
		for _, one := range team.Members {
			m.idle = m.idle || len(one.Partitions) == 0
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
	steps, err := sheet.Default(workshop.Room{Lesson: workshop.ScaleUp, Teams: 15})
	if err != nil {
		t.Fatal(err)
	}
	longest := 3 * time.Minute
	if *wholeDemo {
		badges = append(badges, "fault_tolerant", "full_house", "spare", "lag_buster", "sharpshooter")
		longest = 0
		for _, step := range steps.Steps {
			longest += duration(step)
		}
	}
	over := time.After(longest)
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
	if !*wholeDemo {
		d.goOn(t, steps.Steps, token)
		return
	}
	for _, step := range steps.Steps {
		if said := step.Line("", workshop.ScaleUp.Partitions); !m.messages[said] {
			t.Errorf("the board never said %q", said)
		}
	}
	if !m.frozen || !m.revealed || !m.idle || !m.duplicates || !m.lag || !m.kinds["timeout"] || !m.kinds["leave"] {
		t.Errorf("seen: %+v", m)
	}
	t.Logf("badges %v, events %v", slices.Sorted(maps.Keys(m.badges)), slices.Sorted(maps.Keys(m.kinds)))
	resp, err := http.Get("http://" + d.board + "/")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// goOn begins the steps that the robots have not come to, and looks at the topic for the load of one.
func (d *deployment) goOn(t *testing.T, steps []workshop.Step, token string) {
	t.Helper()
	s := &stack{flags: flags{Board: d.board}, token: token}
	goTo := func(is func(workshop.Step) bool) {
		t.Helper()
		n := slices.IndexFunc(steps, is) + 1
		if err := s.command(t.Context(), "/sheet/goto", map[string]any{"step": n}); err != nil {
			t.Fatal(err)
		}
		var board struct {
			Step struct {
				Number int `json:"number"`
			} `json:"step"`
		}
		if look(t, "http://"+d.board+"/api/board", &board); board.Step.Number != n {
			t.Errorf("the board is at step %d, want %d", board.Step.Number, n)
		}
	}

	goTo(func(step workshop.Step) bool { return step.Ramp != nil })
	client, err := kgo.NewClient(kgo.SeedBrokers(d.kafka))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	end := func() (sum int64) {
		listed, err := admin.ListEndOffsets(t.Context(), workshop.ScaleUp.Topic)
		if err != nil {
			t.Fatal(err)
		}
		listed.Each(func(o kadm.ListedOffset) { sum += o.Offset })
		return sum
	}
	before, at := end(), time.Now()
	wait.Until(t, "100 records a second on the topic", func() bool {
		now := end()
		took := time.Since(at).Seconds()
		fast := took > 1 && float64(now-before)/took > 100
		if took > 1 {
			before, at = now, time.Now()
		}
		return fast
	})

	goTo(func(step workshop.Step) bool { return step.Freeze })
	goTo(func(step workshop.Step) bool { return step.Reveal })
}
