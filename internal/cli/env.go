package cli

import (
	"fmt"
	"io"
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

// envFile finds --env in args and reads the file; kong itself would only know of it too late. Names that
// no program reads are told on stderr.
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
		if warning := unknown(s.name); warning != "" {
			fmt.Fprintf(stderr, "--env %s: line %d: %s\n", name, s.line, warning)
		}
	}
	return byName(read), nil
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
