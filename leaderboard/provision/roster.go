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

// names are the teams by number: the roster's, or teams 1 to --teams.
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

// ReadRoster reads a CSV file of number,name as spreadsheets save it: UTF-8 or UTF-16, with commas,
// semicolons or tabs. A first line of words is a heading; empty rows and columns do not count. Errors
// name the line.
func ReadRoster(file string) (map[int]string, error) {
	lines, err := textfile.Lines(file)
	if err != nil {
		return nil, fmt.Errorf("--roster: %w", err)
	}
	names, err := roster(lines)
	if err != nil {
		return nil, fmt.Errorf("--roster %s: %w", file, err)
	}
	return names, nil
}

// Above removes the names of teams above the highest that there is, and returns their numbers in order.
func Above(names map[int]string, highest int) []int {
	var gone []int
	for team := range names {
		if team > highest {
			gone = append(gone, team)
			delete(names, team)
		}
	}
	slices.Sort(gone)
	return gone
}

func roster(lines []string) (map[int]string, error) {
	separator, declared := separatorOf(lines)
	names := map[int]string{}

	for i, first := 0, true; i < len(lines); i++ {
		if i == 0 && declared || strings.HasPrefix(trim(lines[i]), "#") {
			continue
		}
		fields, err := split(lines[i], separator)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(fields) == 0 || first && heading(fields) {
			first = first && len(fields) == 0
			continue
		}

		first = false
		if err := addTeam(names, fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}

	if len(names) == 0 {
		return nil, errors.New("no team in it: write lines such as 7,The Sevens")
	}
	return names, nil
}

// heading reports a first row without a digit in its first field.
func heading(fields []string) bool {
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
		return fmt.Errorf("%q is no team number: use 1 to %d", workshop.CleanText(fields[0], workshop.MaxTeamName), workshop.MaxTeams)
	case len(fields) > 2:
		return fmt.Errorf("%d fields: write number,name, and put a name that holds a comma in double quotes", len(fields))
	}
	if _, twice := names[team]; twice {
		return fmt.Errorf("team %d is there twice", team)
	}

	if len(fields) == 1 {
		names[team] = workshop.TeamID(team)
		return nil
	}
	names[team], err = workshop.TeamName(fields[1])
	return err
}
