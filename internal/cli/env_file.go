package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kafka-workshop/internal/textfile"

	"github.com/alecthomas/kong"
)

// A setting is one line NAME=value of an --env file.
type setting struct {
	name, value string
	line        int
}

// ReadEnvFile reads a file of lines NAME=value. Empty lines and lines that start with # are ignored, and so is
// export before a name. A value may be in single or double quotes. White space and # begin a comment.
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
		return nil, fmt.Errorf("--env: read the settings: %w", err)
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

// parseSetting parses one line. The setting has no name if the line is empty or a comment. Errors quote nothing
// of the line, which may contain a password.
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

	value, rest, closed := strings.Cut(text[1:], text[:1])
	if !closed {
		return "", errors.New("has a value without a closing quote")
	}
	if rest != "" && !comment.MatchString(rest) {
		return "", errors.New("has text after the closing quote: put the whole value in quotes of the other kind")
	}
	return value, nil
}

// EnvLine formats a setting so that ReadEnvFile and shells read the same value.
func EnvLine(name, value string) (string, error) {
	for _, quote := range []string{"", "'", `"`} {
		line := name + "=" + quote + value + quote
		s, err := parseSetting(line)
		if err == nil && s == (setting{name: name, value: value}) && !strings.ContainsAny(value, "\r\n\x00") {
			return line + "\n", nil
		}
	}
	return "", fmt.Errorf("%s: a settings file cannot contain a value with line ends, or with quotes of both kinds", name)
}

// settings is a kong resolver for an --env file. It maps flags' environment names to values.
type settings map[string]string

func (s settings) Validate(*kong.Application) error { return nil }

func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Tag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
		if v, ok := s[name]; ok {
			return v, nil
		}
	}
	return nil, nil
}

// envFile finds --env in args and reads the file, since kong needs the settings before it parses. It warns
// on stderr about names that no program reads.
func envFile(args []string, stderr io.Writer) (settings, error) {
	name := ""
	for i, a := range args {
		if a == "--" {
			break
		}

		if v, ok := strings.CutPrefix(a, "--env="); ok {
			name = v
		} else if a == "--env" && i+1 < len(args) {
			name = args[i+1]
		}
	}

	if name == "" {
		return nil, nil
	}

	read, err := readEnvFile(name)
	if err != nil {
		return nil, err
	}

	for _, s := range read {
		if warning := unknownName(s.name); warning != "" {
			fmt.Fprintf(stderr, "--env %s: line %d: %s\n", name, s.line, warning)
		}
	}

	return byName(read), nil
}
