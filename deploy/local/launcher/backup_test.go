package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
)

// A backup as docs/operations.md describes it, taken while the class runs, restores the same badges into another
// database.
func TestABackupBringsTheBadgesBack(t *testing.T) {
	t.Parallel()
	tools := map[string]string{}
	for _, name := range []string{"pg_dump", "pg_restore"} {
		path := newest("/usr/lib/postgresql/*/bin/" + name)
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
		if path == "" {
			lacks.Part(t, "%s is not installed", name)
		}
		tools[name] = path
	}
	first, second := postgrestest.URL(t), postgrestest.URL(t)
	d := newDeployment(t, "--teams", "2", "--database-url", first)
	d.start(t)
	members := []*exec.Cmd{d.member(t, "range"), d.member(t, "range")}
	wait.For(t, "the badge", func() error {
		if have := d.earned(t); have["scaled"] == "" {
			return os.ErrNotExist
		}
		return nil
	})
	before := d.earned(t)
	dump := filepath.Join(t.TempDir(), "workshop.dump")
	tool(t, tools["pg_dump"], "--format=custom", "--no-owner", "--file="+dump, "--dbname="+first)
	for _, m := range members {
		goodbye(m) // so that none of our members is taken for a leftover
	}
	d.interrupt(t)
	tool(t, tools["pg_restore"], "--no-owner", "--exit-on-error", "--single-transaction", "--dbname="+second, dump)
	d.args = slices.Replace(d.args, len(d.args)-1, len(d.args), second)
	d.start(t)
	if after := d.earned(t); !maps.Equal(shared(before, after), before) {
		t.Fatalf("badges before %v, restored %v", before, after)
	}
	if storedBadges(t, second) < len(before) {
		t.Fatalf("the second database holds %d badges, %d were earned", storedBadges(t, second), len(before))
	}
}

// newest returns the last file that matches the pattern.
func newest(pattern string) string {
	found, _ := filepath.Glob(pattern) // the pattern is well formed
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[len(found)-1]
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(name), err, out)
	}
}
