package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"

	"kafka-workshop/internal/gobuild"
)

// programs returns the programs to build. A class needs its own Kafka as well.
func (s *stack) programs() []string {
	out := []string{"producer-svc", "leaderboard", "participant-client"}
	if s.flags.Class {
		out = append(out, "deploy/kafka")
	}
	return out
}

// program returns the path of a built program.
func (d *data) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return d.Path(filepath.Join("bin", name))
}

// build builds the programs into the data folder's bin. deploy/local has compiled their packages already, so
// this only links.
func (s *stack) build(ctx context.Context) error {
	root, err := gobuild.Root(ctx)
	if err != nil {
		return err
	}

	bin := s.data.Path("bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return err
	}
	return gobuild.Build(ctx, root, bin+string(filepath.Separator), s.programs(), s.say)
}
