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
	"slices"
	"strings"
	"sync"

	"kafka-workshop/internal/gobuild"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// platforms are those of participants' laptops, the most common first.
var platforms = [][2]string{
	{"windows", "amd64"}, {"darwin", "arm64"}, {"darwin", "amd64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "arm64"},
}

// downloads returns the folder of clients that the leaderboard serves.
func (s *stack) downloads() string { return s.data.Path("downloads") }

// clientBuilds tracks which clients for the room's laptops are still to be built.
type clientBuilds struct {
	mu      sync.Mutex
	missing []string // file names, the next one first
}

// prepareDownloads fills the downloads folder. On loopback only this machine can join, and its client is built
// already. For a room, buildClients builds a client for each platform while the class already runs; until then
// the leaderboard answers requests for one with 503.
func (s *stack) prepareDownloads() error {
	if err := os.MkdirAll(s.downloads(), 0o700); err != nil {
		return err
	}

	s.clients = &clientBuilds{}

	if process.Loopback(s.flags.Board) {
		if err := s.clients.write(s.downloads()); err != nil {
			return err
		}
		return link(s.data.program("participant-client"), filepath.Join(s.downloads(), clientName(runtime.GOOS, runtime.GOARCH)))
	}

	for _, p := range platforms {
		s.clients.missing = append(s.clients.missing, clientName(p[0], p[1]))
	}

	return s.clients.write(s.downloads())
}

// link makes a file available at a second path.
func link(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}

	b, err := os.ReadFile(from) // no links on this file system
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// buildClients builds the clients one after another, to leave a core to the class, and reports progress.
func (s *stack) buildClients(ctx context.Context) {
	if len(s.clients.missing) == 0 {
		return
	}

	root, err := gobuild.Root(ctx)
	if err != nil {
		s.say("cannot build client downloads: " + err.Error())
		return
	}

	ready := 0
	for _, p := range platforms {
		name := clientName(p[0], p[1])
		err := s.buildClient(ctx, root, name, p[0], p[1])
		if ctx.Err() != nil {
			return
		}

		if err != nil {
			s.say(fmt.Sprintf("cannot build the client for %s/%s: %v", p[0], p[1], err))
		} else {
			ready++
			s.say(fmt.Sprintf("the client for %s/%s can be downloaded now (%d of %d)", p[0], p[1], ready, len(platforms)))
		}

		if err := s.clients.done(s.downloads(), name); err != nil {
			s.say("cannot update the list of clients to build: " + err.Error())
		}
	}
}

// buildClient builds a client as a release does, without cgo, because it runs on other machines. The rename makes
// it appear complete.
func (s *stack) buildClient(ctx context.Context, root, name, goos, goarch string) error {
	temp := s.data.Path(name + ".half")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", temp, "./participant-client")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return os.Rename(temp, filepath.Join(s.downloads(), name))
}

// done removes a client from the list of those to build.
func (h *clientBuilds) done(dir, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()

	h.missing = slices.DeleteFunc(h.missing, func(m string) bool { return m == name })
	return h.write(dir)
}

// write writes the list for the leaderboard, or deletes it if nothing is left to build.
func (h *clientBuilds) write(dir string) error {
	file := filepath.Join(dir, workshop.BeingBuilt)
	if len(h.missing) == 0 {
		err := os.Remove(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}

	return textfile.WritePrivate(file, []byte(strings.Join(h.missing, "\n")+"\n"))
}

// downloadsStatus returns the downloads folder, or the progress while clients are being built.
func (s *stack) downloadsStatus() string {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()

	if n := len(s.clients.missing); n > 0 {
		return fmt.Sprintf("%d of %d are built; the others follow, %s/%s first", len(platforms)-n, len(platforms), platforms[0][0], platforms[0][1])
	}
	return s.downloads()
}

func clientName(goos, goarch string) string {
	name := "participant-client-" + goos + "-" + goarch
	if goos == "windows" {
		name += ".exe"
	}
	return name
}
