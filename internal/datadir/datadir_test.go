package datadir

import (
	"os"
	"strings"
	"testing"
)

func TestOneRunHoldsTheFolder(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, ""); err == nil || !strings.Contains(err.Error(), "in use by another run") {
		t.Fatalf("a second run got it: %v", err)
	}
	first.Close()
	second, err := Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestASecretIsMadeOnceAndKept(t *testing.T) {
	d, err := Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	made, err := d.Secret("token", "")
	if err != nil || len(made) < 20 {
		t.Fatalf("made %q, %v", made, err)
	}
	if again, _ := d.Secret("token", ""); again != made {
		t.Errorf("another one the second time: %q and %q", made, again)
	}
	if given, _ := d.Secret("token", "given"); given != "given" {
		t.Errorf("the given one lost: %q", given)
	}
	info, err := os.Stat(d.Path("token"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}
