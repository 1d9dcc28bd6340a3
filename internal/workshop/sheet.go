package workshop

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a run sheet.
const (
	MaxSteps       = 50
	MaxStepTitle   = 40  // characters: the board shows it beside the countdown
	MaxStepLine    = 160 // characters, as for the board's line
	MaxStepMinutes = 600
)

// A Sheet is a lesson's run sheet: the steps of a class, in order.
type Sheet struct {
	Steps []Step `json:"steps" yaml:"steps"`
}

// A Step is a part of a class: what the board shows, for how long, and what happens when it begins.
type Step struct {
	Title     string     `json:"title" yaml:"title"`
	Say       string     `json:"say" yaml:"say"`         // the line on the board; {team} and {partitions} are filled in
	Minutes   float64    `json:"minutes" yaml:"minutes"` // planned; the instructor begins the next step
	Load      *LoadPatch `json:"load,omitempty" yaml:"load"`
	Ramp      *Ramp      `json:"ramp,omitempty" yaml:"ramp"`
	Burst     *Burst     `json:"burst,omitempty" yaml:"burst"`
	Spotlight *Spotlight `json:"spotlight,omitempty" yaml:"spotlight"` // nil leaves the spotlight where it is
	Predict   string     `json:"predict,omitempty" yaml:"predict"`     // ID of the question that opens
	Freeze    bool       `json:"freeze,omitempty" yaml:"freeze"`
	Reveal    bool       `json:"reveal,omitempty" yaml:"reveal"`
	Robots    *Robots    `json:"-" yaml:"robots"`
}

// Robots scripts what the demo's teams do in a step.
type Robots struct {
	Seconds float64           `yaml:"seconds"` // instead of the step's minutes
	Teams   map[string]string `yaml:"teams"`   // scripts by kind of team
	Team    int               `yaml:"team"`    // team that the step's question is about; 0 leaves the spotlight of the step
	Shows   []string          `yaml:"shows"`   // what the board then shows, in words; a test of the demo checks each on the page
}

// Questions returns the IDs of the questions that a step of the lesson can ask.
func (l Lesson) Questions() []string {
	if l.Share {
		return []string{"crew", "idle", "order", "return"}
	}
	return []string{"split", "idle", "silence", "goodbye", "resume", "keys", "grow", "twice"}
}

// A Spotlight is the number of the team that the board shows large.
type Spotlight int

// Values of a Spotlight other than teams.
const (
	SpotlightNone Spotlight = 0
	SpotlightAuto Spotlight = -1 // follows the team where most happens

	spotlightInvalid Spotlight = -2
)

func (s Spotlight) String() string {
	switch s {
	case SpotlightNone:
		return "none"
	case SpotlightAuto:
		return "auto"
	}
	return strconv.Itoa(int(s))
}

// MarshalJSON returns a team's number, "auto" or "none".
func (s Spotlight) MarshalJSON() ([]byte, error) {
	if s > 0 {
		return json.Marshal(int(s))
	}
	return json.Marshal(s.String())
}

// UnmarshalText reads a team's number, auto, or none.
func (s *Spotlight) UnmarshalText(text []byte) error {
	switch string(text) {
	case "auto":
		*s = SpotlightAuto
		return nil
	case "none":
		*s = SpotlightNone
		return nil
	}

	team, err := strconv.Atoi(string(text))
	if err != nil || team < 1 || team > MaxTeams {
		return fmt.Errorf("%q is not a team: give its number, auto or none", text)
	}

	*s = Spotlight(team)
	return nil
}

// UnmarshalYAML reads a team's number, auto, or none. Anything else becomes a value that Validate rejects,
// since the caller of Validate knows the line.
func (s *Spotlight) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	if s.UnmarshalText([]byte(text)) != nil {
		*s = spotlightInvalid
	}
	return nil
}

// UnmarshalJSON reads what MarshalJSON returns.
func (s *Spotlight) UnmarshalJSON(text []byte) error {
	return s.UnmarshalText([]byte(strings.Trim(string(text), `"`)))
}

// Duration returns how long the step is planned to last.
func (s Step) Duration() time.Duration { return time.Duration(s.Minutes * float64(time.Minute)) }

// Line returns the line that the board shows during the step.
func (s Step) Line(team string, partitions int) string {
	return strings.NewReplacer("{team}", team, "{partitions}", strconv.Itoa(partitions)).Replace(s.Say)
}

// Wanted returns the load that the step requests. Its reason names the step.
func (s Step) Wanted(number int) Wanted {
	return Wanted{Load: s.Load, Ramp: s.Ramp, Burst: s.Burst, Reason: fmt.Sprintf("step %d, %s", number, s.Title)}
}

// Validate returns a StepError for the first invalid field.
func (s Sheet) Validate(r Room) error {
	if len(s.Steps) == 0 {
		return StepError{0, "steps", "a sheet needs at least one step"}
	}
	if len(s.Steps) > MaxSteps {
		return StepError{MaxSteps, "title", fmt.Sprintf("a sheet has at most %d steps", MaxSteps)}
	}

	frozen := false
	for i, step := range s.Steps {
		if field, reason := step.check(r); field != "" {
			return StepError{i, field, reason}
		}
		if step.Reveal && !frozen {
			return StepError{i, "reveal", "no earlier step freezes the board"}
		}
		frozen = (frozen || step.Freeze) && !step.Reveal
	}

	return nil
}

func (s Step) check(r Room) (field, reason string) {
	switch {
	case !HasVisible(s.Title):
		return "title", "is missing"
	case len([]rune(s.Title)) > MaxStepTitle:
		return "title", fmt.Sprintf("has more than %d characters", MaxStepTitle)
	case len([]rune(s.Say)) > MaxStepLine:
		return "say", fmt.Sprintf("has more than %d characters", MaxStepLine)
	case CleanText(s.Title, MaxStepTitle) != s.Title:
		return "title", "contains an invisible character"
	case CleanText(s.Say, MaxStepLine) != s.Say:
		return "say", "contains an invisible character"
	case strings.Contains(s.Say, "{team}") && (s.Spotlight == nil || *s.Spotlight == SpotlightNone):
		return "say", "uses {team}, but the step has no spotlight"
	case !(s.Minutes > 0) || s.Minutes > MaxStepMinutes:
		return "minutes", fmt.Sprintf("give more than 0 and at most %d", MaxStepMinutes)
	case s.Spotlight != nil && (*s.Spotlight < SpotlightAuto || int(*s.Spotlight) > r.Teams):
		return "spotlight", fmt.Sprintf("give a team from 1 to %d, auto or none", r.Teams)
	case s.Predict != "" && !slices.Contains(r.Lesson.Questions(), s.Predict):
		return "predict", fmt.Sprintf("%q is not one of %s", CleanText(s.Predict, MaxText), strings.Join(r.Lesson.Questions(), ", "))
	case s.Freeze && s.Reveal:
		return "reveal", "a step freezes the board or reveals it, not both"
	}
	return s.checkLoad(r)
}

func (s Step) checkLoad(r Room) (field, reason string) {
	var fault error
	if s.Load != nil {
		field = "load"
		fault = s.Load.Apply(r.Lesson.DefaultLoad()).Validate()
	}

	if s.Ramp != nil && fault == nil {
		field, fault = "ramp", s.Ramp.Validate()
	}
	if s.Burst != nil && fault == nil {
		field, fault = "burst", s.Burst.Validate()
	}
	if fault == nil {
		return "", ""
	}

	if fe, ok := fault.(FieldError); ok { //nolint:errorlint // the three return nothing else
		return field + "." + fe.Field, fe.Reason
	}
	return field, fault.Error()
}

// A StepError reports an invalid field of a step. Steps count from 0.
type StepError struct {
	Step          int
	Field, Reason string
}

func (e StepError) Error() string { return fmt.Sprintf("step %d: %s: %s", e.Step+1, e.Field, e.Reason) }
