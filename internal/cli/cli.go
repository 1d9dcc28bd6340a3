// Package cli gives every program the same command line: flags with environment names, --env FILE,
// errors of one line, exit statuses, logging, and a first and second Ctrl+C. The meaning of the flags
// is up to the programs.
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
	Failed     = 1 // something failed while running
	UsageWrong = 2 // the command line or the settings are wrong
)

// A UsageError reports an invalid command line or setting. It ends the program with status UsageWrong.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Usagef formats a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// Env holds --env FILE, a file of lines NAME=value for any flag's environment name. The environment
// and flags override the file.
type Env struct {
	Env string `name:"env" placeholder:"FILE" help:"Read settings from this file of lines NAME=value. Flags and the environment override them."`
}

// Log holds the logging flags.
type Log struct {
	LogFormat string `env:"LOG_FORMAT" enum:"text,json" default:"text" help:"Format of the log: text or json."`
	LogLevel  string `env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Lowest level to log: debug, info, warn or error."`
}

// Logger returns a logger that writes to w.
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
// file of --env. Suspicious names in that file are warned about on stderr. Parse returns UsageErrors. If
// it returns neither a context nor an error, it has printed help or the version, and the program is done.
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
		kong.Vars{"version": name + " " + Version()},
	}, options...)
	parser, err := kong.New(grammar, options...)
	if err != nil {
		return nil, fmt.Errorf("parse the command line of %s: %w", name, err)
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
	if ClosedPipe(err) {
		return nil, nil // nobody reads the help any more
	}
	if err != nil {
		text := hideSecret(parser, args, suggest(parser.Model, args, reword(err)))
		node, _ := selected(parser.Model, args)
		return nil, UsageError{fmt.Errorf("%s (see %s)", text, helpOf(name, node))}
	}
	return kctx, nil
}

// rewordings replace kong's messages about values by ones that say what to do.
var rewordings = []struct {
	kong *regexp.Regexp
	ours string
}{
	{regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)$`), `a value is missing`},
	{regexp.MustCompile(`expected \w+ value but got (".*") \(\w+ flag\)`), `a value is missing before $1`},
	{regexp.MustCompile(`expected a valid \d+ bit u?int but got (".*")$`), `give a whole number, not $1`},
	{regexp.MustCompile(`expected a float but got (".*") \(.*\)$`), `give a number, not $1`},
	{regexp.MustCompile(`expected duration but got (".*"): time: .*$`), `give a time such as 500ms or 10s, not $1`},
}

func reword(err error) string {
	text := err.Error()
	for _, w := range rewordings {
		text = w.kong.ReplaceAllString(text, w.ours)
	}
	return text
}

// hideSecret keeps parts of a secret out of an error: a shell splits a secret with a space that is not quoted,
// and kong quotes the rest of it as an unexpected argument.
func hideSecret(parser *kong.Kong, args []string, text string) string {
	if !strings.HasPrefix(text, "unexpected argument") {
		return text
	}

	secretFlag := ""
	_ = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error { // never fails
		if flag, ok := node.(*kong.Flag); ok && flag.Target.Type() == reflect.TypeFor[workshop.Secret]() {
			name := "--" + flag.Name
			if slices.ContainsFunc(args, func(a string) bool { return a == name || strings.HasPrefix(a, name+"=") }) {
				secretFlag = name
			}
		}
		return next(nil)
	})
	if secretFlag == "" {
		return text
	}
	return "unexpected argument: put the value of " + secretFlag + " in quotes, or better in the environment"
}

// stop is the panic that ends kong's parsing when kong would exit the process.
type stop struct{}

// Main runs a program and returns its exit status. The context of run ends at the first Ctrl+C or SIGTERM;
// a second one kills the process. An error is printed as one line.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	// Restore the default of the signals, so that a second one kills the process. Wait a moment first:
	// timeout(1) and others send one signal twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(300*time.Millisecond, cancel) })
	return Status(name, run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr)
}

// Status prints err, if any, as one line to stderr and returns its exit status. A closed stdout is no error.
func Status(name string, err error, stderr io.Writer) int {
	if err == nil || ClosedPipe(err) {
		return Done
	}

	fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(err.Error()))
	var usage UsageError
	if errors.As(err, &usage) {
		return UsageWrong
	}
	return Failed
}

// oneLine joins the lines of a text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
