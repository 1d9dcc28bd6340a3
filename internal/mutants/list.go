package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A mutant is one change that tests should notice.
type mutant struct {
	why      string // what goes wrong with it
	file     string // from the top of the tree
	from, to string
	tests    []string // package and arguments of the tests that should fail
	survives string   // why no test notices, if that is known and accepted
}

// readList reads the files of a folder. Mutants are separated by empty lines; each is
//
//	# what goes wrong
//	path/of/the/file.go
//	-old text
//	+new text
//	test: ./package -run Name
//	survives: why
//
// Old and new text may have several lines, and no new text deletes. Without a test line the file's own package is
// tested; with only arguments, that package with these arguments.
func readList(folder string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}

	var out []mutant
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for block := range strings.SplitSeq(string(text), "\n\n") {
			if strings.TrimSpace(block) == "" {
				continue
			}
			m, err := parse(block)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			out = append(out, m)
		}
	}
	return out, nil
}

func parse(block string) (mutant, error) {
	var m mutant
	var from, to, why, tests []string
	for line := range strings.SplitSeq(strings.Trim(block, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "# "):
			why = append(why, line[len("# "):])
		case strings.HasPrefix(line, "-"):
			from = append(from, line[1:])
		case strings.HasPrefix(line, "+"):
			to = append(to, line[1:])
		case strings.HasPrefix(line, "test: "):
			tests = strings.Fields(line[len("test: "):])
		case strings.HasPrefix(line, "survives: "):
			m.survives = line[len("survives: "):]
		case m.file == "":
			m.file = line
		default:
			return m, fmt.Errorf("line %q belongs to nothing", line)
		}
	}
	m.why, m.from, m.to = strings.Join(why, " "), strings.Join(from, "\n"), strings.Join(to, "\n")
	if m.why == "" || m.file == "" || m.from == "" || m.from == m.to {
		return m, fmt.Errorf("a mutant needs a reason, a file and a change:\n%s", block)
	}

	own := "./" + filepath.ToSlash(filepath.Dir(m.file))
	switch {
	case len(tests) == 0:
		m.tests = []string{own}
	case strings.HasPrefix(tests[0], "-"):
		m.tests = append([]string{own}, tests...)
	default:
		m.tests = tests
	}
	return m, nil
}

// changed returns the file's text with the change.
func (m mutant) changed() (string, error) {
	text, err := os.ReadFile(filepath.FromSlash(m.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.from); n != 1 {
		return "", fmt.Errorf("the old text stands there %d times: %q", n, m.from)
	}
	return strings.Replace(string(text), m.from, m.to, 1), nil
}
