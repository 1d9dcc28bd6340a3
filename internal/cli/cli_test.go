package cli

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// Errors about values need no knowledge of the parser.
func TestWrongValuesAreNamedPlainly(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--count", "x"}, `--count: give a whole number, not "x" (see prog --help)`},
		{[]string{"--count", "1.5"}, `--count: give a whole number, not "1.5" (see prog --help)`},
		{[]string{"--count="}, `--count: give a whole number, not "" (see prog --help)`},
		{[]string{"--count"}, `--count: a value is missing (see prog --help)`},
		{[]string{"--count", "--name", "x"}, `--count: a value is missing before "--name"; perhaps try --count="--name"? (see prog --help)`},
		{[]string{"--name"}, `--name: a value is missing (see prog --help)`},
		{[]string{"--rate", "lots"}, `--rate: give a number, not "lots" (see prog --help)`},
		{[]string{"--wait", "5"}, `--wait: give a time such as 500ms or 10s, not "5" (see prog --help)`},
		{[]string{"--wait"}, `--wait: a value is missing (see prog --help)`},
		{[]string{"--nme"}, `unknown flag --nme, did you mean "--name"? (see prog --help)`},
	} {
		var grammar struct {
			Count int
			Rate  float64
			Name  string
			Wait  time.Duration
		}
		_, err := Parse("prog", "", &grammar, c.args, io.Discard, io.Discard)
		var usage UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%q: %v is no UsageError", c.args, err)
		} else if got := err.Error(); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.args, got, c.want)
		}
	}
}

// If the shell split a secret, the error does not repeat the rest of it.
func TestTheEndOfASecretIsNotTold(t *testing.T) {
	for args, want := range map[string]string{
		"--password ab geheim":     "unexpected argument: put the value of --password in quotes",
		"--password=ab geheim":     "unexpected argument: put the value of --password in quotes",
		"sub --key ab geheim":      "unexpected argument: put the value of --key in quotes",
		"--name ab another":        "unexpected argument another",
		"--pasword=geheim":         "unknown flag --pasword",
		"--password=x --cont=heim": "unknown flag --cont",
	} {
		var grammar struct {
			Password workshop.Secret
			Name     string
			Count    int
			Sub      struct{ Key workshop.Secret } `cmd:"" default:"withargs"`
		}
		_, err := Parse("prog", "", &grammar, strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "heim") {
			t.Errorf("%s: %v", args, err)
		}
	}
}
