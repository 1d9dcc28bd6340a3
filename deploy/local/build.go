package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// programs are what is built into the data folder's bin; a class needs its Kafka as well.
func (s *stack) programs() []string {
	out := []string{"producer-svc", "leaderboard", "participant-client"}
	if s.flags.Class {
		out = append(out, "deploy/kafka")
	}
	return out
}

// buildTags leave out what gin brings for formats that no page or program of ours uses: MessagePack alone
// takes a fifth of the first build.
const buildTags = "nomsgpack"

// program is the path of a built one.
func (d *data) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return d.Path(filepath.Join("bin", name))
}

// build compiles the programs with the flags of go run and go test, so that what one of them has compiled
// serves the others too: another -trimpath or CGO_ENABLED compiles the standard library and every
// dependency again.
func (s *stack) build(ctx context.Context) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}

	bin := s.data.Path("bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return err
	}

	packages := make([]string, len(s.programs()))
	for i, p := range s.programs() {
		packages[i] = "./" + p
	}
	missing, err := stale(ctx, root, packages)
	if err != nil {
		return err
	}

	args := append([]string{"build", "-v", "-tags", buildTags, "-o", bin + string(filepath.Separator)}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	return compile(cmd, missing, s.say)
}

// stale counts the packages that a build would have to compile.
func stale(ctx context.Context, root string, packages []string) (int, error) {
	args := append([]string{"list", "-deps", "-tags", buildTags, "-f", "{{if .Stale}}x{{end}}"}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, lastLine(string(exit.Stderr)))
		}
		return 0, fmt.Errorf("list what is to be built: %w", err)
	}
	return strings.Count(string(out), "x"), nil
}

// compile runs a go build -v that has to compile so many packages, and says every few seconds how far it is.
func compile(cmd *exec.Cmd, missing int, say func(string)) error {
	lines, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	p := &progress{missing: missing, say: say}
	var reading sync.WaitGroup
	reading.Go(func() { p.read(lines) })

	if missing > 0 {
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

// moduleRoot is the folder of our go.mod, wherever below it we were started.
func moduleRoot(ctx context.Context) (string, error) {
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
