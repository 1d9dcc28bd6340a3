package interop

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// packages are the Python clients that are tested.
var packages = []string{"kafka-python==3.0.12", "confluent-kafka==2.16.1"}

// lockRetry is the delay between attempts to get a lock that another process holds.
const lockRetry = 100 * time.Millisecond

// python returns the interpreter of a virtual environment with the packages, which is created once and kept.
func python(ctx context.Context) (string, error) {
	name := "python-" + strings.NewReplacer("==", "-").Replace(strings.Join(packages, "-"))
	dir, err := cached(ctx, name, func(dir string) error {
		system, err := exec.LookPath("python3")
		if err != nil {
			return fmt.Errorf("python3, with its venv module, is %w", ErrMissing)
		}
		if err := tool(ctx, dir, system, "-m", "venv", "--clear", dir); err != nil {
			return err
		}

		install := []string{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"}
		return tool(ctx, dir, append(install, packages...)...)
	})
	return filepath.Join(dir, "bin", "python"), err
}
