package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kafka-workshop/internal/textfile"
)

// A setting is one line NAME=value of an --env file.
type setting struct {
	name, value string
	line        int
}

// ReadEnvFile reads lines NAME=value, as any editor saves them. Empty lines and lines that start with #
// are passed over, and so is export before a name. A value may stand in single or double quotes; what
// follows white space and # behind it is a comment.
func ReadEnvFile(name string) (map[string]string, error) {
	read, err := readEnvFile(name)
	return byName(read), err
}

func byName(read []setting) map[string]string {
	out := make(map[string]string, len(read))
	for _, s := range read {
		out[s.name] = s.value
	}
	return out
}

func readEnvFile(name string) ([]setting, error) {
	lines, err := textfile.Lines(name)
	if err != nil {
		return nil, fmt.Errorf("--env: cannot read the settings: %w", err)
	}

	var read []setting
	for i, line := range lines {
		s, err := parseSetting(line)
		if err != nil {
			return nil, fmt.Errorf("--env %s: line %d %w", name, i+1, err)
		}
		if s.name != "" {
			s.line = i + 1
			read = append(read, s)
		}
	}
	return read, nil
}

var nameForm = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*`)

// parseSetting reads one line; it has no name when the line says nothing. Errors repeat nothing of the
// line, which may hold a password.
func parseSetting(line string) (setting, error) {
	line = strings.TrimFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	if line == "" || line[0] == '#' {
		return setting{}, nil
	}

	found := nameForm.FindStringSubmatch(line)
	if found == nil {
		return setting{}, errors.New("is not NAME=value")
	}
	rest := line[len(found[0]):]
	if before := line[:len(found[0])]; rest != "" && rest[0] == '#' && !strings.HasSuffix(before, "=") {
		rest = "" // NAME= # comment
	}

	value, err := parseValue(rest)
	if err == nil && !utf8.ValidString(value) {
		err = errors.New("is not UTF-8: save the file as UTF-8")
	}
	return setting{name: found[1], value: value}, err
}

var comment = regexp.MustCompile(`\s+#.*$`)

func parseValue(text string) (string, error) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		if at := comment.FindStringIndex(text); at != nil {
			text = text[:at[0]]
		}
		return text, nil
	}

	value, behind, closed := strings.Cut(text[1:], text[:1])
	if !closed {
		return "", errors.New("has a value whose quote is not closed")
	}
	if behind != "" && !comment.MatchString(behind) {
		return "", errors.New("has more behind the closing quote: put the whole value in quotes of the other kind")
	}
	return value, nil
}

// EnvLine writes a setting so that ReadEnvFile, and a shell, read the same value again.
func EnvLine(name, value string) (string, error) {
	for _, quote := range []string{"", "'", `"`} {
		line := name + "=" + quote + value + quote
		s, err := parseSetting(line)
		if err == nil && s == (setting{name: name, value: value}) && !strings.ContainsAny(value, "\r\n\x00") {
			return line + "\n", nil
		}
	}
	return "", fmt.Errorf("%s: a settings file holds no value with line ends, or with quotes of both kinds", name)
}
