package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"kafka-workshop/internal/httpserve"
)

// platforms are what participants' laptops run.
var platforms = [][2]string{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// downloads is the folder of clients that the leaderboard hands out.
func (s *stack) downloads() string { return s.data.Path("downloads") }

// offer puts the client that was just built for this machine into the downloads.
func (s *stack) offer() error {
	if err := os.MkdirAll(s.downloads(), 0o700); err != nil {
		return err
	}
	to := filepath.Join(s.downloads(), clientName(runtime.GOOS, runtime.GOARCH))
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	from := s.data.program("participant-client")
	if os.Link(from, to) == nil {
		return nil
	}
	b, err := os.ReadFile(from) // no links on this file system
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// offerOthers builds the client for the other platforms, one after the other, while the class already
// runs: only where laptops can reach the board.
func (s *stack) offerOthers(ctx context.Context) {
	if httpserve.Loopback(s.flags.Board) {
		return
	}
	root, err := moduleRoot(ctx)
	for _, p := range platforms {
		if p == [2]string{runtime.GOOS, runtime.GOARCH} || err != nil {
			continue
		}
		name := clientName(p[0], p[1])
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(s.downloads(), name), "./participant-client")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p[0], "GOARCH="+p[1])
		if out, buildErr := cmd.CombinedOutput(); buildErr != nil && ctx.Err() == nil {
			s.say(fmt.Sprintf("%s was not built: %v: %s", name, buildErr, bytes.TrimSpace(out)))
		}
	}
	if err == nil && ctx.Err() == nil {
		s.say("the client is ready for every platform in " + s.downloads())
	}
}

func clientName(goos, goarch string) string {
	name := "participant-client-" + goos + "-" + goarch
	if goos == "windows" {
		name += ".exe"
	}
	return name
}
