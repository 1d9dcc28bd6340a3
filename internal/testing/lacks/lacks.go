// Package lacks ends tests that lack something: a program, a right, another kind of cluster. A test that looked at
// nothing is never a pass.
package lacks

import (
	"os"
	"testing"
)

// Part skips the test because the machine lacks a part, which it names with how to get it. Under CI=true, where every
// part is to be there, the test fails.
func Part(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Cluster skips the test because it needs another kind of cluster than this run has. CI runs on each kind.
func Cluster(t testing.TB, why string) {
	t.Helper()
	t.Skip("not on this cluster: " + why)
}
