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

// Version is the version of Apache Kafka that is used unless another is named.
const Version = "4.3.1"

// plugin copies the dependencies of a pom.xml to a folder.
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

// FindJars returns the folder of Apache Kafka's jars.
func FindJars(ctx context.Context, log func(string)) (string, error) {
	return FindVersion(ctx, Version, log)
}

// FindVersion returns the folder of the jars of one version. Maven fetches them if they are missing or pom.xml
// has changed; all data folders share them. Progress goes to log, a line each.
func FindVersion(ctx context.Context, version string, log func(string)) (string, error) {
	cache, err := datadir.Cache()
	if err != nil {
		return "", err
	}

	sum := sha256.Sum256(pom)
	dir := filepath.Join(cache, "apache-kafka-"+version+"-"+hex.EncodeToString(sum[:4]))
	if exists(dir) {
		return dir, nil
	}

	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("create a folder for Apache Kafka's jars: %w", err)
	}
	lock := flock.New(dir + ".lock") // held while another run fetches them
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return "", fmt.Errorf("wait for another run to fetch Apache Kafka: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if exists(dir) {
		return dir, nil
	}

	return dir, fetch(ctx, version, dir, log)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fetch runs Maven to download the jars to dir, which it creates only when complete. Maven's output goes
// to a log file.
func fetch(ctx context.Context, version, dir string, log func(string)) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("the jars of Apache Kafka are not downloaded yet and Maven is not on PATH: install Maven; only the first start needs it")
	}

	half := dir + ".new"
	if err := errors.Join(os.RemoveAll(half), os.MkdirAll(half, 0o700)); err != nil {
		return err
	}
	pomFile := filepath.Join(half, "pom.xml")
	if err := os.WriteFile(pomFile, pom, 0o600); err != nil {
		return err
	}

	output, err := os.Create(dir + ".log")
	if err != nil {
		return err
	}
	defer output.Close()

	log("fetching Apache Kafka " + version + " (about 60 MB, once)")
	var files atomic.Int64
	cmd := exec.CommandContext(ctx, mvn, "-B", "-f", pomFile, plugin, "-Dkafka.version="+version, "-DincludeScope=runtime", "-DoutputDirectory="+half)
	cmd.WaitDelay = time.Second
	progress := func(line string) { log(fmt.Sprintf("%s, %d files so far", line, files.Load())) }
	err = process.WithProgress(progress, "fetching Apache Kafka", func() error { return countFiles(cmd, output, &files) })
	if err != nil {
		return fmt.Errorf("cannot fetch Apache Kafka's jars (%w): check the network and start again; Maven's output is in %s", err, output.Name())
	}

	return errors.Join(os.Remove(pomFile), os.Rename(half, dir))
}

// countFiles runs Maven, copies its output, and counts the files it downloads.
func countFiles(cmd *exec.Cmd, output io.Writer, files *atomic.Int64) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = output
	if err := cmd.Start(); err != nil {
		return err
	}

	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(output, lines.Text())
		if strings.Contains(lines.Text(), "Downloaded from") {
			files.Add(1)
		}
	}
	return cmd.Wait()
}
