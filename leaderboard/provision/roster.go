package provision

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// names returns the teams' names by number: the roster's, or those of teams 1 to --teams.
func (c Config) names() (map[int]string, error) {
	if c.Roster != "" {
		return ReadRoster(c.Roster)
	}

	names := make(map[int]string, c.Teams)
	for team := 1; team <= c.Teams; team++ {
		names[team] = workshop.TeamID(team)
	}

	return names, nil
}

// ReadRoster reads a CSV file of number,name as spreadsheets save it: UTF-8 or UTF-16, with commas, semicolons or tabs. A
// first line of words is a heading; empty rows and columns are ignored. Errors name the line.
func ReadRoster(file string) (map[int]string, error) {
	lines, err := textfile.Lines(file)
	if err != nil {
		return nil, fmt.Errorf("--roster: %w", err)
	}

	names, err := parseRoster(lines)
	if err != nil {
		return nil, fmt.Errorf("--roster %s: %w", file, err)
	}
	return names, nil
}

// RemoveAbove deletes the names of teams above the highest number and returns their numbers, sorted.
func RemoveAbove(names map[int]string, highest int) []int {
	var removed []int
	for team := range names {
		if team > highest {
			removed = append(removed, team)
			delete(names, team)
		}
	}

	slices.Sort(removed)
	return removed
}

func parseRoster(lines []string) (map[int]string, error) {
	separator, declared := findSeparator(lines)
	names := map[int]string{}

	for i, first := 0, true; i < len(lines); i++ {
		if i == 0 && declared || strings.HasPrefix(trim(lines[i]), "#") {
			continue
		}

		fields, err := splitFields(lines[i], separator)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}

		if len(fields) == 0 || first && isHeading(fields) {
			first = first && len(fields) == 0
			continue
		}

		first = false
		if err := addTeam(names, fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}

	if len(names) == 0 {
		return nil, errors.New("it holds no team: write lines such as 7,The Sevens")
	}

	return names, nil
}

// isHeading reports whether a first row is a heading: its first field has no digit.
func isHeading(fields []string) bool {
	return fields[0] != "" && strings.IndexFunc(fields[0], unicode.IsDigit) < 0
}

func addTeam(names map[int]string, fields []string) error {
	team, err := strconv.Atoi(fields[0])
	switch {
	case fields[0] == "":
		return errors.New("the team's number is missing: write number,name")
	case !utf8.ValidString(fields[0]):
		return errors.New("this is not UTF-8: save the file as CSV UTF-8")
	case err != nil || team < 1 || team > workshop.MaxTeams:
		return fmt.Errorf("%q is not a team number: use 1 to %d", workshop.CleanText(fields[0], workshop.MaxTeamName), workshop.MaxTeams)
	case len(fields) > 2:
		return fmt.Errorf("%d fields: write number,name, and put a name that holds a comma in double quotes", len(fields))
	}

	if _, twice := names[team]; twice {
		return fmt.Errorf("team %d is listed twice", team)
	}

	if len(fields) == 1 {
		names[team] = workshop.TeamID(team)
		return nil
	}

	names[team], err = workshop.TeamName(fields[1])
	return err
}
