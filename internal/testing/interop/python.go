package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kafka-workshop/internal/datadir"

	"github.com/gofrs/flock"
)

// packages are the Python clients that are tested.
var packages = []string{"kafka-python==3.0.12", "confluent-kafka==2.16.1"}

// python returns the interpreter of a virtual environment with the packages, which is created once and kept.
func python(ctx context.Context) (string, error) {
	cache, err := datadir.Cache()
	if err != nil {
		return "", err
	}

	dir := filepath.Join(cache, "python-"+strings.NewReplacer("==", "-").Replace(strings.Join(packages, "-")))
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}

	lock := flock.New(dir + ".lock") // another test may be creating it
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", err
	}

	defer func() { _ = lock.Unlock() }()
	interpreter := filepath.Join(dir, "bin", "python")
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return interpreter, nil
	}

	system, err := exec.LookPath("python3")
	if err != nil {
		return "", errors.New("python3 is not on PATH: install it, with its venv module")
	}

	for _, words := range [][]string{
		{system, "-m", "venv", "--clear", dir},
		append([]string{interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check"}, packages...),
	} {
		if out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput(); err != nil {
			lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
			return "", fmt.Errorf("create a Python environment with %s: %w: %s", strings.Join(packages, " and "), err, lines[len(lines)-1])
		}
	}

	return interpreter, os.WriteFile(complete, nil, 0o600)
}
