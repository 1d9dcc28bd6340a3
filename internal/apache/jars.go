// Package apache finds what Apache Kafka needs to run from its published jars: a Java, and the jars,
// which Maven fetches once. It serves deploy/kafka and tests; what runs is left to them.
package apache

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/datadir"
	"kafka-workshop/internal/process"

	"github.com/gofrs/flock"
)

//go:embed pom.xml
var pom []byte

// Version is the Apache Kafka that pom.xml names.
const Version = "4.3.1"

// plugin copies what a pom.xml depends on into a folder.
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

// FindJars returns the folder of Apache Kafka's jars. They are fetched once, whatever the data folder, and
// again when pom.xml has changed.
func FindJars(ctx context.Context, say func(string)) (string, error) {
	cache, err := datadir.Cache()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pom)
	dir := filepath.Join(cache, "apache-kafka-"+Version+"-"+hex.EncodeToString(sum[:4]))
	if there(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("a folder for Apache Kafka's jars: %w", err)
	}
	lock := flock.New(dir + ".lock") // another run may be fetching them
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return "", fmt.Errorf("wait for another run that fetches Apache Kafka: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if there(dir) {
		return dir, nil
	}
	return dir, fetch(ctx, dir, say)
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fetch lets Maven bring the jars into dir, whole or not at all. Maven's own words go to a file.
func fetch(ctx context.Context, dir string, say func(string)) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("no Maven is on PATH, and Apache Kafka's jars are not here yet: install Maven; it is needed for the first start alone")
	}
	half := dir + ".new"
	if err := errors.Join(os.RemoveAll(half), os.MkdirAll(half, 0o700)); err != nil {
		return err
	}
	pomFile := filepath.Join(half, "pom.xml")
	if err := os.WriteFile(pomFile, pom, 0o600); err != nil {
		return err
	}
	words, err := os.Create(dir + ".log")
	if err != nil {
		return err
	}
	defer words.Close()
	say("fetching Apache Kafka " + Version + " (about 60 MB, once)")
	var files atomic.Int64
	cmd := exec.CommandContext(ctx, mvn, "-B", "-f", pomFile, plugin, "-DincludeScope=runtime", "-DoutputDirectory="+half)
	cmd.WaitDelay = time.Second
	progress := func(line string) { say(fmt.Sprintf("%s, %d files so far", line, files.Load())) }
	err = process.Patiently(progress, "fetching Apache Kafka", func() error { return countFiles(cmd, words, &files) })
	if err != nil {
		return fmt.Errorf("the jars of Apache Kafka could not be fetched (%w): check the network and start again; Maven's own words are in %s", err, words.Name())
	}
	return errors.Join(os.Remove(pomFile), os.Rename(half, dir))
}

// countFiles runs Maven, copies what it says, and counts what it has downloaded.
func countFiles(cmd *exec.Cmd, words io.Writer, files *atomic.Int64) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = words
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(words, lines.Text())
		if strings.Contains(lines.Text(), "Downloaded from") {
			files.Add(1)
		}
	}
	return cmd.Wait()
}
