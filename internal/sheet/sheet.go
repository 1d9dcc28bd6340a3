// Package sheet reads run sheets: the lessons' own, which it embeds, and those that an instructor wrote. The
// leaderboard gives a sheet its meaning.
package sheet

import (
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

//go:embed lessons/*.yaml
var lessons embed.FS

// Default returns the lesson's own sheet.
func Default(r workshop.Room) (workshop.Sheet, error) {
	name := r.Lesson.Name + ".yaml"
	text, err := lessons.ReadFile("lessons/" + name)
	if err != nil {
		return workshop.Sheet{}, fmt.Errorf("the lesson %s has no run sheet: %w", r.Lesson.Name, err)
	}
	return parse(name, text, r)
}

// Read reads a sheet from a YAML file. Its errors name the line and the field.
func Read(file string, r workshop.Room) (workshop.Sheet, error) {
	lines, err := textfile.Lines(file)
	if err != nil {
		return workshop.Sheet{}, fmt.Errorf("--sheet: %w", err)
	}

	s, err := parse(filepath.Base(file), []byte(strings.Join(lines, "\n")), r)
	if err != nil {
		return workshop.Sheet{}, fmt.Errorf("--sheet %w", err)
	}
	return s, nil
}

// For returns the sheet in the file, or the lesson's own where no file is named.
func For(file string, r workshop.Room) (workshop.Sheet, error) {
	if file == "" {
		return Default(r)
	}
	return Read(file, r)
}

func parse(name string, text []byte, r workshop.Room) (workshop.Sheet, error) {
	var s workshop.Sheet
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		line, what := explain(err)
		return workshop.Sheet{}, fmt.Errorf("%s, line %d: %s", name, line, what)
	}

	err := s.Validate(r)
	var at workshop.StepError
	if errors.As(err, &at) {
		return workshop.Sheet{}, fmt.Errorf("%s, line %d: %w", name, lineOf(text, at), err)
	}
	return s, err
}

// explain extracts the line and the reason from an error of the parser.
func explain(err error) (line int, what string) {
	what, _, _ = strings.Cut(yaml.FormatError(err, false, false), "\n")
	if _, scanErr := fmt.Sscanf(what, "[%d:", &line); scanErr == nil {
		_, what, _ = strings.Cut(what, "] ")
	}
	return max(line, 1), what
}

// lineOf returns the line of a field, else of what contains it, else the first.
func lineOf(text []byte, at workshop.StepError) int {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return 1
	}

	path := fmt.Sprintf("$.steps[%d].%s", at.Step, at.Field)
	for strings.Contains(path, ".") {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:strings.LastIndex(path, ".")]
	}
	return 1
}
