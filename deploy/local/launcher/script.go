package main

import (
	"encoding/json"
	"path/filepath"
	"time"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// In each step of the run sheet, a robot team runs the script of its kind: actions separated by commas. A number waits
// for that many seconds; join starts a member with the flags that follow; python starts a kafka-python member if that
// is installed; beside starts a member of the consumer group beside a share group; leave makes the oldest member leave,
// and crash kills it.

// kinds are the kinds of robot teams, assigned in turn: team 8 is of the same kind as team 1.
var kinds = []string{"range", "crowd", "sticky", "server", "slow", "quiet", "exact"}

// defaultDuration is how long robots stay in a step without robots.seconds.
const defaultDuration = 30 * time.Second

// duration returns how long robots stay in a step.
func duration(s workshop.Step) time.Duration {
	if s.Robots == nil || s.Robots.Seconds <= 0 {
		return defaultDuration
	}
	return time.Duration(s.Robots.Seconds * float64(time.Second))
}

// script returns the script of a kind of team for a step, or "".
func script(s workshop.Step, kind string) string {
	if s.Robots == nil {
		return ""
	}
	return s.Robots.Teams[kind]
}

// writeSheet writes the run sheet for the leaderboard, with the robots' durations as the steps' minutes.
func (s *stack) writeSheet() error {
	fast := workshop.Sheet{}
	for _, step := range s.sheet.Steps {
		step.Minutes = duration(step).Minutes()
		if step.Robots != nil && step.Robots.Team > 0 && step.Robots.Team <= s.flags.Teams {
			about := workshop.Spotlight(step.Robots.Team)
			step.Spotlight = &about
		}
		fast.Steps = append(fast.Steps, step)
	}

	text, err := json.MarshalIndent(fast, "", "  ") // JSON is YAML
	if err != nil {
		return err
	}

	s.sheetFile = s.data.Path("demo-sheet.yaml")
	return textfile.WritePrivate(s.sheetFile, text)
}

// readSheet reads the run sheet. For a demo it writes one with the robots' durations.
func (s *stack) readSheet() (err error) {
	room := s.flags.Room
	if s.flags.Roster != "" {
		room.Teams = workshop.MaxTeams // the roster's teams are counted later
	}
	if s.sheet, err = sheet.For(s.flags.Sheet, room); err != nil {
		return err
	}
	if s.flags.Demo {
		return s.writeSheet()
	}

	if s.flags.Sheet != "" {
		s.sheetFile, err = filepath.Abs(s.flags.Sheet)
	}
	return err
}
