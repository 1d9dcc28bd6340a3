package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every command and every flag is used by a script, so none is untested.
func TestEveryCommandAndFlagIsInAScript(t *testing.T) {
	parser, err := kong.New(&commandLine{}, kong.Name(program), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	lines := scriptLines(t)

	used := map[string]map[string]bool{} // flags by command
	any := map[string]bool{}
	for _, line := range lines {
		command := commandOf(parser.Model, line)
		if used[command] == nil {
			used[command] = map[string]bool{}
		}
		for _, flag := range flagForm.FindAllString(line, -1) {
			used[command][flag], any[flag] = true, true
		}
	}

	for _, f := range parser.Model.Flags {
		if !f.Hidden && !any["--"+f.Name] && !inEnvironment(lines, f) {
			t.Errorf("no script uses --%s", f.Name)
		}
	}
	for _, leaf := range parser.Model.Leaves(true) {
		if used[leaf.Path()] == nil {
			t.Errorf("no script runs %s", leaf.Path())
		}
		for _, f := range ownFlags(leaf) {
			if !f.Hidden && !used[leaf.Path()]["--"+f.Name] && !inEnvironment(lines, f) {
				t.Errorf("no script uses --%s of %s", f.Name, leaf.Path())
			}
		}
	}
}

var flagForm = regexp.MustCompile(`--[a-z][a-z-]*`)

// ownFlags returns a command's flags without those of the whole program.
func ownFlags(node *kong.Node) []*kong.Flag {
	var out []*kong.Flag
	for ; node.Parent != nil; node = node.Parent {
		out = append(out, node.Flags...)
	}
	return out
}

// inEnvironment reports whether a script sets a flag by its environment name.
func inEnvironment(lines []string, f *kong.Flag) bool {
	for _, line := range lines {
		for _, name := range f.Envs {
			if strings.Contains(line, name+"=") {
				return true
			}
		}
	}
	return false
}

// commandOf returns the command that a line of a script runs; without a name, the default one.
func commandOf(app *kong.Application, line string) string {
	_, args, _ := strings.Cut(line, program)
	words := strings.Join(strings.Fields(args), " ") + " "
	for _, leaf := range app.Leaves(true) {
		if strings.HasPrefix(words, leaf.Path()+" ") {
			return leaf.Path()
		}
	}
	return "run"
}

// scriptLines returns the lines that run the program or set its environment.
func scriptLines(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, program+" ") || strings.HasPrefix(line, "env ") {
				out = append(out, line)
			}
		}
	}
	return out
}
