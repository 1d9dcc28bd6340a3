package textfile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestAPrivateFileIsReplacedAsAWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "settings.env")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WritePrivate(file, []byte("new")); err != nil {
		t.Fatal(err)
	}

	text, err := os.ReadFile(file)
	if err != nil || string(text) != "new" {
		t.Errorf("it holds %q, %v", text, err)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

func TestAPrivateFileThatCannotBeWrittenLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WritePrivate(taken, []byte("new")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if err := WritePrivate(filepath.Join(dir, "none", "file"), []byte("new")); err == nil {
		t.Error("a file was written into a folder that does not exist")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}
