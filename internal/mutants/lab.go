package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A lab compiles mutants and runs tests on them, one at a time.
type lab struct {
	scratch string
	healthy map[string]health // by package and arguments
}

// health is the result of tests on the unchanged code.
type health struct {
	err  error
	took time.Duration
}

// patience is how long the tests may run on a mutant. A mutant may make them wait in vain, which counts as caught.
func (h health) patience() time.Duration { return 20*time.Second + 4*h.took }

// try runs a mutant's tests. They have to pass on the unchanged code first, or they would catch everything.
func (l *lab) try(ctx context.Context, m mutant) result {
	r := result{mutant: m}
	key := strings.Join(m.tests, " ")
	if _, known := l.healthy[key]; !known {
		l.healthy[key] = l.check(ctx, m.tests)
	}
	healthy := l.healthy[key]
	if r.err = healthy.err; r.err != nil {
		return r
	}

	overlay, err := l.overlay(m)
	if err != nil {
		r.err = err
		return r
	}
	binary, err := l.compile(ctx, m.tests[0], "-overlay", overlay)
	if err != nil {
		r.err = err
		return r
	}

	began := time.Now()
	out, failed := l.test(ctx, binary, m.tests, healthy.patience())
	r.took = time.Since(began)
	r.caught = failed != nil
	r.by = firstFailure(out)
	return r
}

func (l *lab) check(ctx context.Context, tests []string) health {
	binary, err := l.compile(ctx, tests[0])
	if err != nil {
		return health{err: err}
	}
	began := time.Now()
	out, err := l.test(ctx, binary, tests, 5*time.Minute)
	if err == nil && bytes.Contains(out, []byte("no tests to run")) {
		err = errors.New("no such test")
	}
	if err != nil {
		err = fmt.Errorf("the unchanged code fails %s: %w: %.2000s", strings.Join(tests, " "), err, out)
	}
	return health{err, time.Since(began)}
}

// overlay writes the changed file and the map that names it to the compiler.
func (l *lab) overlay(m mutant) (string, error) {
	path, err := filepath.Abs(filepath.FromSlash(m.file))
	if err != nil {
		return "", err
	}
	text, err := m.changed()
	if err != nil {
		return "", err
	}

	changed := filepath.Join(l.scratch, "changed.go")
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(l.scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, replace, 0o600)
}

func (l *lab) compile(ctx context.Context, pkg string, args ...string) (binary string, err error) {
	binary = filepath.Join(l.scratch, "mutant.test")
	args = append([]string{"test", "-c", "-o", binary}, append(args, pkg)...)
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not compile: %w: %.2000s", err, out)
	}
	return binary, nil
}

// test runs the compiled tests in their package's folder, as go test does.
func (l *lab) test(ctx context.Context, binary string, tests []string, patience time.Duration) ([]byte, error) {
	args := []string{"-test.count=1", "-test.failfast", "-test.timeout=" + patience.String(), "-test.v"}
	for _, a := range tests[1:] {
		if name, ok := strings.CutPrefix(a, "-"); ok {
			a = "-test." + name
		}
		args = append(args, a)
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = filepath.FromSlash(tests[0])
	cmd.WaitDelay = time.Second // a child that survives keeps the output open
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the test itself ended normally
	}
	return out, err
}

var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// firstFailure names the test that failed first.
func firstFailure(out []byte) string {
	if m := failure.FindSubmatch(out); m != nil {
		return string(m[1])
	}
	if bytes.Contains(out, []byte("panic: test timed out")) {
		return "timeout"
	}
	return "the process ended"
}
