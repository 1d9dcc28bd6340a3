package sheet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"
)

var room = workshop.Room{Lesson: workshop.ScaleUp, Teams: 15}

func TestEveryLessonHasASheetThatRobotsCanPlay(t *testing.T) {
	for _, lesson := range workshop.Lessons() {
		s, err := Default(workshop.Room{Lesson: lesson, Teams: 1})
		if err != nil {
			t.Fatal(err)
		}
		freezes, reveals, asks := false, false, 0
		for i, step := range s.Steps {
			if step.Robots == nil || step.Robots.Seconds <= 0 {
				t.Errorf("%s, step %d: robots do not know how long it lasts", lesson.Name, i+1)
			} else if len(step.Robots.Shows) == 0 {
				t.Errorf("%s, step %d: nothing says what is to be seen", lesson.Name, i+1)
			}
			freezes, reveals = freezes || step.Freeze, reveals || step.Reveal
			if step.Predict != "" {
				asks++
			}
		}
		if asks < 4 || asks > 5 { // Foresight needs three correct ones
			t.Errorf("%s: it asks %d questions", lesson.Name, asks)
		}
		if !freezes || !reveals {
			t.Errorf("%s: no freeze or no reveal", lesson.Name)
		}
	}
}

func TestASheetIsReadAsItIsWritten(t *testing.T) {
	s, err := read(t, `
steps:
  - title: Scale
    say: "{team} has {partitions} partitions"
    minutes: 7.5
    load: {rate: 0.5, keys: hot, hot_share: 0.9, paused: true}
    ramp: {to: 500, seconds: 30}
    burst: {records: 10}
    spotlight: 3
    predict: split
    freeze: true
  - {title: End, minutes: 1, burst: 20, spotlight: auto, reveal: true}
`)
	if err != nil {
		t.Fatal(err)
	}
	one, two := s.Steps[0], s.Steps[1]
	if got := one.Line("Team Rocket", 5); got != "Team Rocket has 5 partitions" {
		t.Errorf("the line is %q", got)
	}
	if one.Duration().Seconds() != 450 || *one.Load.Rate != 0.5 || *one.Load.HotShare != 0.9 || !*one.Load.Paused || *one.Ramp.To != 500 ||
		one.Ramp.Duration().Seconds() != 30 || *one.Burst.Records != 10 || *one.Spotlight != 3 || one.Predict != "split" || !one.Freeze {
		t.Errorf("step 1 is %+v", one)
	}
	if *two.Burst.Records != 20 || *two.Spotlight != workshop.SpotlightAuto || !two.Reveal {
		t.Errorf("step 2 is %+v", two)
	}
}

func TestASheetThatCannotBeIsRefusedWithLineAndField(t *testing.T) {
	for text, want := range map[string]string{
		"steps:\n- title: A\n  minutes: 5\n- title: B\n  minuts: 5\n": `line 5: unknown field "minuts"`,
		"steps:\n- title: A\n  minutes: soon\n":                       "line 3: ",
		"steps: [\n":                                                  "line 1: ",
		"":                                                            "line 1: ",
		"steps: []\n":                                                 "line 1: step 1: steps: a sheet needs at least one step",
		"steps:\n- title: A\n  minutes: 5\n- minutes: 5\n":                                   "line 4: step 2: title: is missing",
		"steps:\n- title: A\n  minutes: 0\n":                                                 "line 3: step 1: minutes: give more than 0",
		"steps:\n- title: A\n  minutes: -1\n":                                                "line 3: step 1: minutes: ",
		"steps:\n- title: A\n  minutes: 601\n":                                               "line 3: step 1: minutes: ",
		"steps:\n- title: A\n  minutes: .nan\n":                                              "line 3: step 1: minutes: ",
		"steps:\n- title: A\n  minutes: 5\n  spotlight: 16\n":                                "line 4: step 1: spotlight: give a team from 1 to 15",
		"steps:\n- title: A\n  minutes: 5\n  spotlight: all\n":                               "line 4: step 1: spotlight: give a team",
		"steps:\n- title: A\n  minutes: 5\n  load:\n    rate: 5\n    keys: odd\n":            `line 6: step 1: load.keys: "odd" is not one of`,
		"steps:\n- title: A\n  minutes: 5\n  load: {rate: -1}\n":                             "line 4: step 1: load.rate: give 0 to",
		"steps:\n- title: A\n  minutes: 5\n  ramp: {to: 5}\n":                                "line 4: step 1: ramp.seconds: is missing",
		"steps:\n- title: A\n  minutes: 5\n  ramp: {to: 5, seconds: 0}\n":                    "line 4: step 1: ramp.seconds: give",
		"steps:\n- title: A\n  minutes: 5\n  burst: 0\n":                                     "line 4: step 1: burst.records: give 1",
		"steps:\n- title: A\n  minutes: 5\n  burst: many\n":                                  "line 4: ",
		"steps:\n- title: A\n  minutes: 5\n  predict: weather\n":                             `line 4: step 1: predict: "weather" is not one of`,
		"steps:\n- title: A\n  minutes: 5\n  reveal: true\n":                                 "line 4: step 1: reveal: no earlier step freezes",
		"steps:\n- title: A\n  minutes: 5\n  freeze: true\n  reveal: true\n":                 "line 5: step 1: reveal: ",
		"steps:\n- title: A\n  minutes: 5\n  say: 'Look at {team}'\n":                        "line 4: step 1: say: uses {team}",
		"steps:\n- title: A\n  minutes: 5\n  say: \"a\\u202eb\"\n":                           "line 4: step 1: say: contains an invisible character",
		"steps:\n- title: " + strings.Repeat("x", 41) + "\n  minutes: 5\n":                   "line 2: step 1: title: has more than 40",
		"steps:\n" + strings.Repeat("- {title: A, minutes: 1}\n", 51):                        "line 52: step 51: title: a sheet has at most 50",
		"steps:\n- title: A\n  title: B\n  minutes: 5\n":                                     "line 3: ",
		"- title: A\n  minutes: 5\n":                                                         "line 1: ",
		"steps:\n- title: A\n  minutes: 5\n  robots: {seconds: 5, teams: {range: [1, 2]}}\n": "line 4: ",
	} {
		_, err := read(t, text)
		if err == nil || !strings.Contains(err.Error(), "sheet.yaml, "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestASheetIsReadAsAnyEditorSavesIt(t *testing.T) {
	if s, err := read(t, "\ufeffsteps:\r\n- title: A\r\n  minutes: 5\r\n"); err != nil || s.Steps[0].Title != "A" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.yaml"), room); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func read(t *testing.T, text string) (workshop.Sheet, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sheet.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(file, room)
}
