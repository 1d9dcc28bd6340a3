package docs

import (
	"embed"
	"fmt"
	"go/format"
	"path"
	"regexp"
	"strings"

	"kafka-workshop/internal/workshop"
)

// programFiles are the programs in other languages, a folder each. They are written for team 7 of a secured cluster in
// the lesson scale-up, and run there unchanged. Comments of the form "guide: condition" mark lines that apply only to
// some clusters and lessons; see keepLines.
//
//go:embed programs
var programFiles embed.FS

// Program returns a file of programs/, such as kafka-python/team.py, adapted to a team and its lesson: with the team's
// names and row of the criteria, and without what its cluster does not support. With Team 0 the example's names stay.
func Program(file string, l workshop.Lesson, j workshop.Joining) (string, error) {
	text, err := programFiles.ReadFile("programs/" + file)
	if err != nil {
		return "", fmt.Errorf("the guide has no program %s: %w", file, err)
	}

	source := keepLines(string(text), map[string]bool{
		"actions": l.Actions, "login": j.SASL != "", "ca": j.CA != "", "public": j.TLS && j.CA == "", "end": true,
	})
	if !j.TLS {
		source = strings.ReplaceAll(source, "SASL_SSL", "SASL_PLAINTEXT")
	}

	source = fillNames(source, l, j)
	language := path.Ext(file)
	if j.Team > 0 {
		source = fillCriterion(source, language, workshop.CriterionOf(j.Team))
	}
	if language == ".go" {
		if formatted, err := format.Source([]byte(source)); err == nil {
			source = string(formatted)
		}
	}

	return source, nil
}

// condition matches a comment that names the clusters or lessons to which the next lines apply, up to the next such
// comment. Code after the condition, on the same line, is kept for those only; elsewhere the line is dropped.
var condition = regexp.MustCompile(`^(\s*)(?:#|//) guide: (\w+) ?(.*)$`)

// keepLines returns the lines whose condition holds, without the condition comments.
func keepLines(source string, holds map[string]bool) string {
	var out strings.Builder
	keep := true
	for line := range strings.Lines(source) {
		m := condition.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		switch {
		case m == nil && keep:
			out.WriteString(line)
		case m != nil && m[3] == "":
			keep = holds[m[2]]
		case m != nil && holds[m[2]]:
			out.WriteString(m[1] + m[3] + "\n")
		}
	}

	return out.String()
}

// fillNames replaces the names that the program declares at the top. The team's name in actions has no namespace.
func fillNames(source string, l workshop.Lesson, j workshop.Joining) string {
	room := workshop.Room{Lesson: l, Namespace: workshop.Namespace(j.Namespace)}
	team := j.Team
	if team == 0 {
		team = 7
	}

	for name, value := range map[string]string{
		"team": workshop.TeamID(team), "group": room.Group(team), "topic": room.Topic(), "actions": room.Actions(team), "stats": room.Stats(team),
	} {
		declared := declarations[name].FindStringSubmatchIndex(source)
		if declared != nil {
			source = source[:declared[2]] + value + source[declared[3]:]
		}
	}

	return source
}

// declarations match the declaration of a name in each of the languages, with its value between the quotes.
var declarations = func() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for _, name := range []string{"team", "group", "topic", "actions", "stats"} {
		out[name] = regexp.MustCompile(`(?im)^\s*(?:(?:const|static final String) )?` + name + `(?:: &str)?\s*= "([^"]*)"`)
	}
	return out
}()

// include matches a line of the guide that is nothing but a link to a program.
var include = regexp.MustCompile(`(?m)^\[[^\]\n]*\]\(programs/([^)\n]+)\)$`)

// includePrograms replaces each link to a program with the program.
func includePrograms(markdown string, l workshop.Lesson, j workshop.Joining) string {
	return include.ReplaceAllStringFunc(markdown, func(link string) string {
		file := include.FindStringSubmatch(link)[1]
		source, err := Program(file, l, j)
		if err != nil {
			return link // a test fails on it
		}
		return "```" + fences[path.Ext(file)] + "\n" + source + "```"
	})
}

// fences name the language of a block of code in Markdown.
var fences = map[string]string{".py": "python", ".java": "java", ".js": "js", ".mjs": "js", ".go": "go", ".rs": "rust", ".toml": "toml", ".xml": "xml"}
