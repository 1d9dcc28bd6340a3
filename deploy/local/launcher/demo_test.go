package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/workshop"
)

// members counts a kind of team's members: when a step begins, and when its script is over.
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
					size, _ = strconv.Atoi(words[i+1]) // a wrong number is 0 members, which the test below reports
				}
				if slices.Contains(words, "--assignor") && kind == "sticky" && slices.Contains(words, "range") {
					size = 0 // the group rejects it
				}
				switch words[0] {
				case "join", "python", "beside":
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

// A step corrects every misconception that people bring, by what happens there.
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
