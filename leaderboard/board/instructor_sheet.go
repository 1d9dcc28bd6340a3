package board

import (
	"fmt"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A sheetView is the run sheet on the instructor's page.
type sheetView struct{ Sheet game.SheetProgress }

// Current returns the current step, or nil before the first.
func (v sheetView) Current() *workshop.Step { return v.at(v.Sheet.Step) }

// Next returns the next step, or nil after the last.
func (v sheetView) Next() *workshop.Step { return v.at(v.Sheet.Step + 1) }

func (v sheetView) at(number int) *workshop.Step {
	if number < 1 || number > len(v.Sheet.Steps) {
		return nil
	}
	return &v.Sheet.Steps[number-1]
}

// stepEffects describes what else happens when a step begins; empty if nothing does.
func stepEffects(s workshop.Step) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }

	if l := s.Load; l != nil {
		if l.Rate != nil {
			add("the rate is set to %s/s", rate(*l.Rate))
		}
		if l.Keys != nil {
			add("keys are set to %s", *l.Keys)
		}
		if l.Paused != nil && *l.Paused {
			add("the load pauses")
		}
	}
	if s.Ramp != nil {
		add("the rate goes to %s/s in %s s", rate(*s.Ramp.To), rate(*s.Ramp.Seconds))
	}
	if s.Burst != nil {
		add("%s records come at once", num(int64(*s.Burst.Records)))
	}
	if s.Freeze {
		add("the board freezes")
	}
	if s.Reveal {
		add("the reveal plays")
	}
	if len(out) == 0 {
		return ""
	}

	text := strings.Join(out, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// minutes formats the planned duration of a step.
func minutes(m float64) string {
	if m < 1 {
		return strconv.FormatFloat(m*60, 'f', 0, 64) + " s"
	}
	return strconv.FormatFloat(m, 'f', -1, 64) + " min"
}

// A spotlightView is the choice of a team for the spotlight.
type spotlightView struct {
	Chosen int         // a team, workshop.SpotlightAuto or workshop.SpotlightNone
	Shown  string      // the team that auto shows now; empty for none
	Teams  []game.Team // to choose from; only the chosen one if a list would be too long
	All    int
}

func newSpotlightView(v game.Board, chosen workshop.Spotlight) spotlightView {
	out := spotlightView{Chosen: int(chosen), Teams: v.Teams, All: len(v.Teams)}
	if len(v.Teams) > glanceRows {
		out.Teams = nil
		if t, ok := team(v, int(chosen)); ok {
			out.Teams = []game.Team{t}
		}
	}
	if chosen == workshop.SpotlightAuto {
		if t, ok := team(v, v.Spotlight); ok {
			out.Shown = t.Name
		}
	}
	return out
}

// key changes when the choice or a team's name changes.
func (v spotlightView) key() string {
	names := make([]string, len(v.Teams))
	for i, t := range v.Teams {
		names[i] = t.Name
	}
	return fmt.Sprint(v.Chosen, v.Shown, names)
}
