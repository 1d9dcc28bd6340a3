package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"kafka-workshop/internal/process"
)

// programs are what is built into the data folder's bin.
var programs = []string{"producer-svc", "leaderboard", "participant-client"}

// program is the path of a built one.
func (d *data) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return d.Path(filepath.Join("bin", name))
}

// build compiles the programs; the Go toolchain's cache makes the second time quick.
func (s *stack) build(ctx context.Context) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	bin := s.data.Path("bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-ldflags=-s -w", "-o", bin + string(filepath.Separator)}
	for _, p := range programs {
		args = append(args, "./"+p)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // the client is handed out: it has to run without our libraries
	return process.Patiently(s.say, "building the programs", func() error {
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building the programs: %w: %s", err, bytes.TrimSpace(out))
		}
		return nil
	})
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
