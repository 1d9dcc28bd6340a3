// Package gobuild builds the workshop's programs with the Go toolchain and reports progress. It imports little of the
// standard library, because deploy/local runs it before anything else is compiled.
package gobuild

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tags are build tags that leave out parts of gin that we do not use. MessagePack alone takes a fifth of the first build.
const Tags = "nomsgpack"

// Root returns the folder of our go.mod. The working directory may be any folder below it.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}", "kafka-workshop").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("the go command is not on PATH: install Go, or start the built programs by hand")
	}

	_, dir, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || !ok {
		return "", errors.New("this folder is not in the workshop's checkout: change into the checkout first")
	}
	return dir, nil
}

// Compile compiles the packages of programs, so that building them is quick afterwards. Programs are given by their folders
// below root, such as leaderboard. It calls say with the progress every few seconds.
func Compile(ctx context.Context, root string, programs []string, say func(string)) error {
	missing, err := stale(ctx, root, programs)
	if err != nil || len(missing) == 0 {
		return err
	}
	return build(ctx, root, missing, len(missing), say)
}

// Build builds programs, given as for Compile, to output: a file, or a folder that ends with a separator. It leaves out the
// debug information, which takes a third of the linking time.
func Build(ctx context.Context, root, output string, programs []string, say func(string)) error {
	missing, err := stale(ctx, root, programs)
	if err != nil {
		return err
	}
	return build(ctx, root, append([]string{"-ldflags=-s -w", "-o", output}, paths(programs)...), len(missing), say)
}

// build runs go build with the same flags as go run and go test, so that they share the build cache. With a different
// -trimpath or CGO_ENABLED, the standard library and every dependency would be compiled again.
func build(ctx context.Context, root string, args []string, missing int, say func(string)) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-v", "-tags", Tags}, args...)...)
	cmd.Dir = root
	return compile(cmd, missing, say)
}

func paths(programs []string) []string {
	out := make([]string, len(programs))
	for i, p := range programs {
		out[i] = "./" + p
	}
	return out
}

// stale returns the packages that have to be compiled for programs, without their main packages.
func stale(ctx context.Context, root string, programs []string) ([]string, error) {
	const format = `{{if and .Stale (ne .Name "main")}}{{.ImportPath}}{{end}}`
	args := append([]string{"list", "-deps", "-tags", Tags, "-f", format}, paths(programs)...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, lastLine(string(exit.Stderr)))
		}
		return nil, fmt.Errorf("list the packages to build: %w", err)
	}

	return slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool {
		return strings.HasPrefix(path, "vendor/") // vendored in the standard library, compiled with the packages that import them
	}), nil
}

// compile runs a go build -v that compiles this many packages, and reports progress every few seconds.
func compile(cmd *exec.Cmd, missing int, say func(string)) error {
	lines, w := io.Pipe()
	cmd.Stdout = w
	cmd.Stderr = w
	p := &progress{missing: missing, say: say}
	var reading sync.WaitGroup
	reading.Go(func() { p.read(lines) })

	if missing > fewPackages {
		say(fmt.Sprintf("building the programs: %d packages. This happens once; later starts take seconds", missing))
	}

	err := cmd.Run()
	_ = w.Close() // cannot fail: the pipe is in memory
	reading.Wait()

	if err != nil {
		return fmt.Errorf("building the programs: %w: %s", err, strings.Join(p.errors, "; "))
	}
	return nil
}

// progress reads the output of go build -v: a package's path when its compilation begins, and error messages.
type progress struct {
	missing int
	say     func(string)

	began  int
	errors []string // the first lines
}

const (
	fewPackages   = 50 // not worth a message
	progressEvery = 5 * time.Second
	maxErrors     = 5
)

func (p *progress) read(r io.Reader) {
	next := time.Now().Add(progressEvery)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line := lines.Text()
		if strings.ContainsAny(line, " :") {
			if len(p.errors) < maxErrors {
				p.errors = append(p.errors, strings.TrimSpace(line))
			}
			continue
		}

		p.began++
		if now := time.Now(); now.After(next) {
			next = now.Add(progressEvery)
			p.say(fmt.Sprintf("building: %2d %%  %s", 100*min(p.began, p.missing)/max(p.missing, 1), line))
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
