package cli

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"
)

type exampleProgram struct {
	Loud bool   `help:"Say it loud. Very."`
	File string `placeholder:"FILE"`
	Run  struct {
		Assignor string `enum:"range,sticky" default:"range"`
	} `cmd:"" default:"withargs" help:"Run."`
	Tail struct {
		Offset string
		Format string `enum:"plain,json" default:"plain" short:"f"`
	} `cmd:"" help:"Follow: all of it."`
	Offsets struct {
		Show struct{} `cmd:""`
		Set  struct {
			To string
		} `cmd:""`
	} `cmd:""`
	Shell struct {
		Name string `arg:"" enum:"bash,zsh"`
	} `cmd:""`
	Explain struct {
		Command []string `arg:"" optional:"" complete:"commands"`
	} `cmd:""`
	Secret struct{} `cmd:"" hidden:""`
}

func exampleModel(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&exampleProgram{}, kong.Name("prog"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func TestComplete(t *testing.T) {
	app := exampleModel(t)
	for _, c := range []struct{ before, current, want string }{
		{"", "", "run tail offsets shell explain"},
		{"", "ta", "tail"},
		{"--loud", "o", "offsets"},
		{"--file x", "o", "offsets"},
		{"--file", "o", ""}, // a file name, which the shell completes
		{"", "--a", "--assignor"},
		{"--assignor", "", "range sticky"},
		{"tail", "--", "--help --loud --file --offset --format"},
		{"tail --format", "", "plain json"},
		{"tail -f", "j", "json"},
		{"tail", "--format=j", "--format=json"},
		{"tail --format =", "j", "json"}, // as bash splits it
		{"tail --format", "=", "plain json"},
		{"tail --offset 3 --format", "p", "plain"},
		{"tail", "", ""},
		{"offsets", "", "show set"},
		{"offsets set", "--t", "--to"},
		{"offsets nothing", "", ""},
		{"shell", "", "bash zsh"},
		{"explain offsets", "s", "show set"},
		{"explain", "t", "tail"},
		{"nothing", "", ""},
	} {
		var got []string
		for _, found := range Complete(app, strings.Fields(c.before), c.current) {
			got = append(got, found.Word)
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%q and %q: %q, want %s", c.before, c.current, got, c.want)
		}
	}
	if got := Complete(app, nil, "tail"); len(got) != 1 || got[0].Help != "Follow" {
		t.Errorf("help: %+v", got)
	}
}

func TestEveryShellHasAScript(t *testing.T) {
	app := exampleModel(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := CompletionScript(app, shell)
		if !strings.Contains(script, "complete --current=") && !strings.Contains(script, `"--current=`) {
			t.Errorf("%s does not ask the program:\n%s", shell, script)
		}
		for _, left := range []string{"PROGRAM", "FUNCTION", "FILES"} {
			if strings.Contains(script, left) {
				t.Errorf("%s: %s is not filled in:\n%s", shell, left, script)
			}
		}
	}
	if script := CompletionScript(app, "fish"); !strings.Contains(script, "complete -c prog -l file -r -F\n") {
		t.Errorf("fish completes no files:\n%s", script)
	}
}

func TestMistakesAreAskedAbout(t *testing.T) {
	for args, want := range map[string]string{
		"tial":                 `unexpected argument tial, did you mean "tail"? (see prog run --help)`,
		"offsets st":           `unexpected argument st, did you mean "set"? (see prog offsets --help)`,
		"tail --ofset 3":       `unknown flag --ofset, did you mean "--offset"? (see prog tail --help)`,
		"tail --assignor x":    `unknown flag --assignor: it is a flag of run (see prog tail --help)`,
		"--to 3":               `unknown flag --to: it is a flag of offsets set (see prog --help)`,
		"tail --nothing-alike": `unknown flag --nothing-alike (see prog tail --help)`,
		"whatever":             `unexpected argument whatever (see prog --help)`,
	} {
		_, err := Parse("prog", "", &exampleProgram{}, strings.Fields(args), io.Discard, io.Discard)
		if err == nil || strings.Replace(err.Error(), "prog run --help", "prog --help", 1) != strings.Replace(want, "prog run --help", "prog --help", 1) {
			t.Errorf("%s: %v\nwant %s", args, err, want)
		}
	}
	if err := KnownCommand(exampleModel(t), []string{"offsets", "sett"}); err == nil || err.Error() != `there is no command offsets sett, did you mean "set"?` {
		t.Errorf("an unknown command: %v", err)
	}
}

// Only a closed pipe of the program's own output is a normal end.
func TestClosedPipe(t *testing.T) {
	write := &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{write, true},
		{errors.Join(errors.New("flush"), write), true},
		{io.ErrClosedPipe, true},
		{&fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}, false},
		{&net.OpError{Op: "write", Err: syscall.EPIPE}, false},
		{nil, false},
	} {
		if got := ClosedPipe(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}
