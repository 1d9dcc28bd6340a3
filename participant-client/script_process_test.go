package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// An output stores what is written to it, and signals when there is more.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start NAME COMMAND... starts a process under a name.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME COMMAND ...")
	}
	all, _ := ts.Value(started{}).(map[string]*running)
	more := make(chan struct{}, 1)
	r := &running{cmd: exec.Command(args[1], args[2:]...), ended: make(chan error, 1)}
	r.stdout.more, r.stderr.more = more, more
	r.cmd.Dir = ts.MkAbs(".")
	r.cmd.Env = environ(ts)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	ts.Check(r.cmd.Start())
	go func() { r.ended <- r.cmd.Wait() }()
	all[args[0]] = r
	ts.Defer(func() {
		_ = r.cmd.Process.Kill() // it has ended, unless the script failed
	})
}

// prints NAME REGEXP waits until a started process has printed a line that matches.
func prints(ts *testscript.TestScript, neg bool, args []string) {
	r := startedAs(ts, neg, args, 2)
	want := regexp.MustCompile("(?m)" + args[1])
	timeout := time.After(patience)
	for !want.MatchString(r.stdout.String()) && !want.MatchString(r.stderr.String()) {
		select {
		case <-r.stdout.more:
		case <-timeout:
			ts.Fatalf("%s does not print %s:\n%s%s", args[0], args[1], r.stdout.String(), r.stderr.String())
		}
	}
}

// stop NAME interrupts a started process, which must end with status 0, and writes what it printed to NAME.stdout and
// NAME.stderr.
func stop(ts *testscript.TestScript, neg bool, args []string) {
	r := startedAs(ts, neg, args, 1)
	ts.Check(r.cmd.Process.Signal(os.Interrupt))
	select {
	case err := <-r.ended:
		ts.Check(err)
	case <-time.After(patience):
		ts.Fatalf("%s does not end", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stdout"), []byte(r.stdout.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stderr"), []byte(r.stderr.String()), 0o600))
}

func startedAs(ts *testscript.TestScript, neg bool, args []string, count int) *running {
	all, _ := ts.Value(started{}).(map[string]*running)
	if neg || len(args) != count || all[args[0]] == nil {
		ts.Fatalf("not so, or nothing is started under that name")
	}
	return all[args[0]]
}
