// Package gobuild compiles the workshop's programs with the Go toolchain, and says how far it is. It imports little of the
// standard library: deploy/local begins with it before anything else is compiled.
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

// Tags leave out what gin brings for formats that no page or program of ours uses: MessagePack alone takes a fifth of the
// first build.
const Tags = "nomsgpack"

// Root is the folder of our go.mod, wherever below it we were started.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}", "kafka-workshop").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("the go command is not on PATH: install Go, or start the built programs by hand")
	}
	_, dir, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || !ok {
		return "", errors.New("this is not the workshop's folder: change into the checkout first")
	}
	return dir, nil
}

// Compile compiles what programs are made of, so that building them is quick afterwards. Programs are given by their folders
// below root, as in leaderboard. Say is told every few seconds how far it is.
func Compile(ctx context.Context, root string, programs []string, say func(string)) error {
	missing, err := stale(ctx, root, programs)
	if err != nil || len(missing) == 0 {
		return err
	}
	return build(ctx, root, missing, len(missing), say)
}

// Build builds programs as Compile takes them. The result goes to output: a folder, which ends with a separator, or a file. It
// has no tables for debuggers, which take a third of the linking.
func Build(ctx context.Context, root, output string, programs []string, say func(string)) error {
	missing, err := stale(ctx, root, programs)
	if err != nil {
		return err
	}
	return build(ctx, root, append([]string{"-ldflags=-s -w", "-o", output}, paths(programs)...), len(missing), say)
}

// build runs go build with the flags of go run and go test, so that what one of them has compiled serves the others too:
// another -trimpath or CGO_ENABLED compiles the standard library and every dependency again.
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

// stale lists the packages that have to be compiled for programs, without the programs' own: go build would link those.
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
		return nil, fmt.Errorf("list what is to be built: %w", err)
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool {
		return strings.HasPrefix(path, "vendor/") // the standard library's own, built with what needs them
	}), nil
}

// compile runs a go build -v that has to compile so many packages, and says every few seconds how far it is.
func compile(cmd *exec.Cmd, missing int, say func(string)) error {
	lines, w := io.Pipe()
	cmd.Stdout = w
	cmd.Stderr = w
	p := &progress{missing: missing, say: say}
	var reading sync.WaitGroup
	reading.Go(func() { p.read(lines) })

	if missing > worthSaying {
		say(fmt.Sprintf("building the programs: %d packages, once; later starts take seconds", missing))
	}
	err := cmd.Run()
	_ = w.Close() // a pipe in memory
	reading.Wait()

	if err != nil {
		return fmt.Errorf("building the programs: %w: %s", err, strings.Join(p.said, "; "))
	}
	return nil
}

// progress follows what go build -v prints: a package's path when its compilation begins, and else what is
// wrong.
type progress struct {
	missing int
	say     func(string)

	began int
	said  []string // what is wrong, the first lines
}

const (
	worthSaying   = 50 // packages: fewer take no time
	progressEvery = 5 * time.Second
	mostSaid      = 5
)

func (p *progress) read(r io.Reader) {
	next := time.Now().Add(progressEvery)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line := lines.Text()
		if strings.ContainsAny(line, " :") {
			if len(p.said) < mostSaid {
				p.said = append(p.said, strings.TrimSpace(line))
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
