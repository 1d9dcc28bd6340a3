package apache

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
)

// oldestJava is the oldest version that Apache Kafka 4 supports.
const oldestJava = 17

// FindJava returns the java command of JAVA_HOME, else of PATH, if it is new enough.
func FindJava(ctx context.Context) (string, error) {
	name := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		name = filepath.Join(home, "bin", "java")
	}
	java, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("no Java (%s), which Apache Kafka needs: %s, or set JAVA_HOME to a JDK of version %d or newer", name, install(runtime.GOOS), oldestJava)
	}

	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -version: %w", java, err)
	}

	major, text := javaVersion(string(out))
	if major < oldestJava {
		return "", fmt.Errorf("%s is version %s, and Apache Kafka needs %d or newer: %s, or set JAVA_HOME to a newer one", java, text, oldestJava, install(runtime.GOOS))
	}
	return java, nil
}

// install returns how to install a JDK on an operating system.
func install(goos string) string {
	switch goos {
	case "windows":
		return "install one with winget install EclipseAdoptium.Temurin.21.JDK"
	case "darwin":
		return "install one with brew install temurin"
	default:
		return "install one with your package manager, as in sudo apt install default-jdk-headless or sudo dnf install java-21-openjdk-headless"
	}
}

// AcceptsOption reports whether this Java accepts a command-line option.
func AcceptsOption(ctx context.Context, java, option string) bool {
	return exec.CommandContext(ctx, java, option, "-version").Run() == nil
}

var quotedVersion = regexp.MustCompile(`version "((?:1\.)?(\d+)[^"]*)"`)

// javaVersion parses the output of java -version. Before Java 9 versions were "1." and the major version.
func javaVersion(out string) (major int, text string) {
	m := quotedVersion.FindStringSubmatch(out)
	if m == nil {
		return 0, "unknown"
	}

	major, _ = strconv.Atoi(m[2]) // the pattern matches digits
	return major, m[1]
}
