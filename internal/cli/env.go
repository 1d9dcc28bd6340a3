package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// settings is a kong resolver over the lines of an --env file, by a flag's environment name.
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

// envFile finds --env in args and reads the file; kong itself would only know of it too late.
func envFile(args []string) (settings, error) {
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
	return ReadEnvFile(name)
}

// ReadEnvFile reads lines NAME=value. Empty lines and lines that start with # are passed over; a
// value may stand in single or double quotes.
func ReadEnvFile(name string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--env: cannot read the settings: %w", unwrapPath(err))
	}
	defer f.Close()
	out := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok {
			return nil, fmt.Errorf("--env %s: line %d is not NAME=value", name, n)
		}
		out[strings.TrimSpace(key)] = unquote(strings.TrimSpace(value))
	}
	return out, lines.Err()
}

func unquote(v string) string {
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		return v[1 : len(v)-1]
	}
	return v
}

// unwrapPath keeps the file's name once: os errors carry it already.
func unwrapPath(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// oneLine folds an error's text to one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// version is set by the release's linker flags.
var version string

// Version is the release, or what the build knows of its commit.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel " + s.Value[:12]
		}
	}
	return "devel"
}
