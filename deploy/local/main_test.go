package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The first step becomes the launcher, with its flags, its exit status and its one-line errors.
func TestItBecomesTheLauncher(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "first")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	caches := t.TempDir()
	run := func(dir string, args ...string) (int, string) {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+caches, "GOCACHE="+goCache(t))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode(), string(out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return 0, string(out)
	}

	if status, out := run(".", "--help"); status != 0 || !strings.Contains(out, "--class") {
		t.Errorf("--help: %d %s", status, out)
	}
	if status, out := run(".", "--clazz"); status != 2 || !strings.Contains(out, "local: unknown flag --clazz, did you mean") || strings.Count(out, "\n") != 1 {
		t.Errorf("a wrong flag: %d %s", status, out)
	}
	if status, out := run(t.TempDir(), "--help"); status != 1 || !strings.Contains(out, "change into the checkout first") || strings.Count(out, "\n") != 1 {
		t.Errorf("elsewhere: %d %s", status, out)
	}
}

// goCache returns the build cache of the test's toolchain.
func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
