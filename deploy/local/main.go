// Command local runs a whole workshop on one machine until Ctrl+C. It compiles the programs, which takes a minute or
// two on a new machine, prints progress meanwhile, and then becomes the launcher, which does the rest. It imports very
// little, so that its first line appears within seconds: go run prints nothing until everything is compiled.
package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"

	"kafka-workshop/internal/gobuild"
)

// launcher is the program that this one becomes.
const launcher = "deploy/local/launcher"

// compiled are the programs that the launcher starts.
var compiled = []string{launcher, "producer-svc", "leaderboard", "participant-client"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	path, err := prepare(ctx)
	interrupted := ctx.Err() != nil
	stop()

	if err == nil && !interrupted {
		err = become(path, os.Args[1:])
	}

	var exit *exec.ExitError
	switch {
	case interrupted:
		return // Ctrl+C while building is no failure
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

// prepare compiles everything and returns the path of the launcher.
func prepare(ctx context.Context) (string, error) {
	say := func(line string) { fmt.Fprintln(os.Stderr, line) }
	root, err := gobuild.Root(ctx)
	if err != nil {
		return "", err
	}

	path, err := launcherPath(root)
	if err != nil {
		return "", err
	}
	if err := gobuild.Compile(ctx, root, compiled, say); err != nil {
		return "", err
	}
	return path, gobuild.Build(ctx, root, path, []string{launcher}, say)
}

// launcherPath returns the launcher's path in the user's cache folder, a different one for each checkout.
func launcherPath(root string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // a user without a home
	}

	sum := fnv.New64a()
	_, _ = sum.Write([]byte(root)) // never fails
	dir := filepath.Join(cache, "kafka-workshop", "launcher", fmt.Sprintf("%016x", sum.Sum64()))

	name := "local"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name), os.MkdirAll(dir, 0o700)
}
