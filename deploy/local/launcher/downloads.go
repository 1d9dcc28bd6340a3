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

// platforms are what participants' laptops run, the most common first.
var platforms = [][2]string{
	{"windows", "amd64"}, {"darwin", "arm64"}, {"darwin", "amd64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "arm64"},
}

// downloads is the folder of clients that the leaderboard hands out.
func (s *stack) downloads() string { return s.data.Path("downloads") }

// handedOut are the clients for the room's laptops.
type handedOut struct {
	mu      sync.Mutex
	missing []string // file names, the next to be built first
}

// offer prepares the downloads. On loopback only this machine can join, and has its client already. For a
// room, a client of each platform is built aside, while the class already runs: until then the leaderboard says so to
// who asks for one.
func (s *stack) offer() error {
	if err := os.MkdirAll(s.downloads(), 0o700); err != nil {
		return err
	}

	s.clients = &handedOut{}
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

// link puts a file at a second place.
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

// offerAll builds the clients, one after the other so that the class has a core, and says how far it is.
func (s *stack) offerAll(ctx context.Context) {
	if len(s.clients.missing) == 0 {
		return
	}
	root, err := gobuild.Root(ctx)
	if err != nil {
		s.say("no clients to hand out: " + err.Error())
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
			s.say(fmt.Sprintf("the client for %s/%s was not built: %v", p[0], p[1], err))
		} else {
			ready++
			s.say(fmt.Sprintf("the client for %s/%s is ready to hand out (%d of %d)", p[0], p[1], ready, len(platforms)))
		}
		if err := s.clients.done(s.downloads(), name); err != nil {
			s.say("what is still being built cannot be told: " + err.Error())
		}
	}
}

// buildClient builds one as a release does: it has to run on machines without our libraries. It appears whole or not at
// all.
func (s *stack) buildClient(ctx context.Context, root, name, goos, goarch string) error {
	half := s.data.Path(name + ".half")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", half, "./participant-client")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return os.Rename(half, filepath.Join(s.downloads(), name))
}

// done takes a client off the list of those that are being built.
func (h *handedOut) done(dir, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()

	h.missing = slices.DeleteFunc(h.missing, func(m string) bool { return m == name })
	return h.write(dir)
}

// write tells the leaderboard what is being built.
func (h *handedOut) write(dir string) error {
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

// offered says how far the clients are.
func (s *stack) offered() string {
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
