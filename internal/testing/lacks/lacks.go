// Package lacks skips tests that lack something: a program, a privilege, another kind of cluster. Such a test must not
// pass.
package lacks

import (
	"os"
	"testing"
)

// Part skips the test because the machine lacks a part. The message names it and says how to get it. If CI=true, where all
// parts have to be installed, the test fails.
func Part(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Cluster skips the test because it needs another kind of cluster. CI runs the tests on each kind.
func Cluster(t testing.TB, why string) {
	t.Helper()
	t.Skip("not on this cluster: " + why)
}
