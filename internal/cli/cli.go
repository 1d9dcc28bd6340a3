// Package cli gives every program the same command line: flags with environment names, --env FILE,
// one line for an error, exit statuses, logging, and the two steps of Ctrl+C. It leaves what the
// flags mean to the programs.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/alecthomas/kong"
)

// Exit statuses of every program.
const (
	Done       = 0
	Failed     = 1 // the world failed
	UsageWrong = 2 // the command line is wrong
)

// A UsageError is a command line that cannot be used; it ends the program with status 2.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// Env holds --env FILE: lines NAME=value for any flag's environment name. What the environment or
// a flag says wins over the file.
type Env struct {
	Env string `name:"env" placeholder:"FILE" help:"Read settings from this file: lines NAME=value. Flags and the environment win."`
}

// Log holds the flags about logging.
type Log struct {
	LogFormat string `env:"LOG_FORMAT" enum:"text,json" default:"text" help:"How the log is written: text or json."`
	LogLevel  string `env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"The least level that is logged: debug, info, warn or error."`
}

// Logger writes to w as the flags say.
func (l Log) Logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.LogLevel)) // an unknown level is info
	opts := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// Parse fills grammar, a pointer to a struct with kong's tags, from args, the environment and the
// file that --env names; what looks wrong in that file and stops nothing is told on stderr. Its errors
// are UsageErrors. A nil context with a nil error means that help
// or the version was printed and there is nothing more to do.
func Parse(name, description string, grammar any, args []string, stdout, stderr io.Writer, options ...kong.Option) (*kong.Context, error) {
	exited := false
	file, err := envFile(args, stderr)
	if err != nil {
		return nil, UsageError{err}
	}
	options = append([]kong.Option{
		kong.Name(name), kong.Description(description),
		kong.Writers(stdout, io.Discard),
		kong.Exit(func(int) { exited = true; panic(stop{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Resolvers(file),
		kong.Vars{"version": Version()},
	}, options...)
	parser, err := kong.New(grammar, options...)
	if err != nil {
		return nil, fmt.Errorf("command line of %s: %w", name, err)
	}
	var kctx *kong.Context
	func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(stop); !ok {
					panic(r)
				}
			}
		}()
		kctx, err = parser.Parse(args)
	}()
	if exited {
		return nil, nil
	}
	if err != nil {
		return nil, UsageError{fmt.Errorf("%s (see %s --help)", discreet(parser, args, plain(err)), name)}
	}
	return kctx, nil
}

// wordings turn what kong says about values into what to do; what is not among them stays as it is.
var wordings = []struct {
	kong  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)$`), `a value is missing`},
	{regexp.MustCompile(`expected \w+ value but got (".*") \(\w+ flag\)`), `a value is missing before $1`},
	{regexp.MustCompile(`expected a valid \d+ bit u?int but got (".*")$`), `give a whole number, not $1`},
	{regexp.MustCompile(`expected a float but got (".*") \(.*\)$`), `give a number, not $1`},
	{regexp.MustCompile(`expected duration but got (".*"): time: .*$`), `give a time such as 500ms or 10s, not $1`},
}

func plain(err error) string {
	text := err.Error()
	for _, w := range wordings {
		text = w.kong.ReplaceAllString(text, w.plain)
	}
	return text
}

// discreet keeps the rest of a secret out of an error: the shell splits one that holds a space and stands
// in no quotes, and its end is an argument that nothing expects.
func discreet(parser *kong.Kong, args []string, text string) string {
	if !strings.HasPrefix(text, "unexpected argument") {
		return text
	}

	said := ""
	_ = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error { // no visit fails
		if flag, ok := node.(*kong.Flag); ok && flag.Target.Type() == reflect.TypeFor[workshop.Secret]() {
			name := "--" + flag.Name
			if slices.ContainsFunc(args, func(a string) bool { return a == name || strings.HasPrefix(a, name+"=") }) {
				said = name
			}
		}
		return next(nil)
	})
	if said == "" {
		return text
	}
	return "unexpected argument: put the value of " + said + " in quotes, or better in the environment"
}

// stop unwinds out of kong when it wants to exit.
type stop struct{}

// Main runs a program: the context given to run ends at the first Ctrl+C or SIGTERM; a second one
// quits at once. It prints run's error as one line and returns the exit status.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	// Hands the signals back to their default, so that the second one quits. Not before a moment is
	// over: timeout(1) and others send one signal twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(300*time.Millisecond, cancel) })
	return Status(name, run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr)
}

// Status prints err, if any, as one line on stderr and returns the exit status for it.
func Status(name string, err error, stderr io.Writer) int {
	if err == nil {
		return Done
	}
	fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(err.Error()))
	var usage UsageError
	if errors.As(err, &usage) {
		return UsageWrong
	}
	return Failed
}
