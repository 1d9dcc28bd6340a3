package provision

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"
)

// longestName of a team, in characters.
const longestName = 40

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

// ReadRoster reads a CSV file of number,name. A first line of words is a heading. Errors name the line.
func ReadRoster(file string) (map[int]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--roster: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	names, err := roster(f)
	if err != nil {
		return nil, fmt.Errorf("--roster %s: %w", file, err)
	}
	return names, nil
}

func roster(r io.Reader) (map[int]string, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	in.Comment = '#'
	names := map[int]string{}
	for first := true; ; first = false {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if first && heading(fields) {
			continue
		}
		if err := addTeam(names, fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("no team in it: write lines such as 7,The Sevens")
	}
	return names, nil
}

// heading reports a first line without a number in its first field.
func heading(fields []string) bool {
	_, err := strconv.Atoi(number(fields[0]))
	return err != nil && strings.IndexFunc(fields[0], unicode.IsDigit) < 0
}

// number is a field without the mark that some spreadsheets put at the start of a file.
func number(field string) string { return strings.TrimSpace(strings.TrimPrefix(field, "\ufeff")) }

func addTeam(names map[int]string, fields []string) error {
	team, err := strconv.Atoi(number(fields[0]))
	if err != nil || team < 1 || team > workshop.MaxTeams {
		return fmt.Errorf("%q is no team number: use 1 to %d", fields[0], workshop.MaxTeams)
	}
	if len(fields) > 2 {
		return fmt.Errorf("%d fields: write number,name, and put a name that holds a comma in double quotes", len(fields))
	}
	if _, twice := names[team]; twice {
		return fmt.Errorf("team %d is there twice", team)
	}
	name := workshop.TeamID(team)
	if len(fields) == 2 && strings.TrimSpace(fields[1]) != "" {
		name = strings.TrimSpace(fields[1])
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || utf8.RuneCountInString(name) > longestName {
		return fmt.Errorf("the name of team %d: use one line of UTF-8 with %d characters at most", team, longestName)
	}
	names[team] = name
	return nil
}
