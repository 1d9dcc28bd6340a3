//go:build !windows

package apache

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJavaVersion(t *testing.T) {
	for out, want := range map[string]int{
		`openjdk version "17.0.15" 2025-04-15`:                  17,
		`java version "1.8.0_202"`:                              8,
		`openjdk version "25-ea" 2025-09-16`:                    25,
		"Picked up _JAVA_OPTIONS: x\nopenjdk version \"21\" 20": 21,
		"The operation couldn't be completed":                   0,
	} {
		if got, _ := javaVersion(out); got != want {
			t.Errorf("%q: got %d, want %d", out, got, want)
		}
	}
}

func TestOptionsOfJava(t *testing.T) {
	java := filepath.Join(t.TempDir(), "java")
	script := "#!/bin/sh\nfor o; do case $o in -XX:+UseZGC|-version) ;; *) echo Error: Could not create the Java Virtual Machine.; exit 1;; esac; done\n"
	if err := os.WriteFile(java, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for option, want := range map[string]bool{"-XX:+UseZGC": true, "-XX:+UseNoSuchGC": false} {
		if got := AcceptsOption(t.Context(), java, option); got != want {
			t.Errorf("%s: %v", option, got)
		}
	}
	if AcceptsOption(t.Context(), java+"-that-is-not", "-XX:+UseZGC") {
		t.Error("what does not exist takes options")
	}
}

func TestWithoutJavaOrMaven(t *testing.T) {
	t.Setenv("JAVA_HOME", t.TempDir())
	if _, err := FindJava(t.Context()); err == nil || !strings.Contains(err.Error(), "JDK of version 17 or newer") {
		t.Errorf("no Java: %v", err)
	}
	t.Setenv("PATH", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	if _, err := FindJars(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "install Maven") {
		t.Errorf("no Maven: %v", err)
	}
}

// TestMavenFailing checks what a failed download leaves and reports: no address, no partial folder.
func TestMavenFailing(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'Downloaded from central: https://registry.example/x.jar'\necho 'no route to registry.example'\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "mvn"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := filepath.Join(t.TempDir(), "jars")
	var said strings.Builder
	err := fetch(t.Context(), Version, dir, func(line string) { said.WriteString(line) })
	if err == nil || !strings.Contains(err.Error(), "check the network") || strings.Contains(err.Error()+said.String(), "registry") {
		t.Errorf("said %q, then %v", said.String(), err)
	}
	if exists(dir) {
		t.Error("a half folder counts as whole")
	}
}
