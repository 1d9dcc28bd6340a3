package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/datadir"

	"github.com/gofrs/flock"
)

// A Program is one of the guide's programs for participants, in a language of its own.
type Program struct {
	Files []string // below docs/programs; the last one is the program

	// prepare installs the libraries in the folder of the program's files, has the language's own tools check and compile
	// it, and returns its command line.
	prepare func(ctx context.Context, dir string) ([]string, error)
}

// Programs are all programs of the guide that do a team's work in a consumer group.
var Programs = []Program{
	{[]string{"kafka-python/team.py"}, preparePython("team.py")},
	{[]string{"confluent-kafka/team.py"}, preparePython("team.py")},
	{[]string{"java/pom.xml", "java/Team.java"}, prepareJava("Team.java")},
	{[]string{"kafkajs/team.js"}, prepareNode("team.js")},
	{[]string{"platformatic-kafka/team.mjs"}, prepareNode("team.mjs")},
	{[]string{"go/main.go"}, prepareGo},
	{[]string{"rust/Cargo.toml", "rust/main.rs"}, prepareRust},
}

// Workers are all programs of the guide that work in a share group.
var Workers = []Program{
	{[]string{"confluent-kafka/worker.py"}, preparePython("worker.py")},
	{[]string{"java/pom.xml", "java/Worker.java"}, prepareJava("Worker.java")},
}

// Name returns the name of the program's folder.
func (p Program) Name() string { return filepath.Dir(p.Files[0]) }

// Prepare writes the program's files, which source returns, into the folder and compiles them. It returns the command that
// starts the program. ErrMissing means that the machine lacks the language.
func (p Program) Prepare(ctx context.Context, dir string, source func(file string) (string, error)) ([]string, error) {
	for _, file := range p.Files {
		text, err := source(file)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return p.prepare(ctx, dir)
}

// ErrMissing means that a program that the language needs is not on PATH.
var ErrMissing = errors.New("not on PATH: install it")

// tool runs a command in the folder. Its error holds the end of the output.
func tool(ctx context.Context, dir string, words ...string) error {
	if _, err := exec.LookPath(words[0]); err != nil {
		return fmt.Errorf("%s is %w", words[0], ErrMissing)
	}

	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, out[max(0, len(out)-3000):])
	}
	return nil
}

func preparePython(file string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, dir string) ([]string, error) {
		python, err := python(ctx)
		if err != nil {
			return nil, err
		}
		return []string{python, file}, tool(ctx, dir, python, "-W", "error", "-m", "py_compile", file)
	}
}

func prepareJava(file string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, dir string) ([]string, error) {
		if err := tool(ctx, dir, "mvn", "-q", "dependency:copy-dependencies", "-DoutputDirectory=lib"); err != nil {
			return nil, err
		}

		libraries := filepath.Join("lib", "*")
		// Not the class file, which would win over the source: java -cp "lib/*" Team.java compiles it again.
		if err := tool(ctx, dir, "javac", "-Xlint:all", "-Werror", "-cp", libraries, "-d", "checked", file); err != nil {
			return nil, err
		}
		return []string{"java", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", libraries, file}, nil
	}
}

// nodePackages are the Node libraries that are tested.
var nodePackages = []string{"kafkajs@2.2.4", "@platformatic/kafka@1.35.0"}

func prepareNode(file string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, dir string) ([]string, error) {
		modules, err := cached(ctx, "node-"+strings.NewReplacer("@", "-", "/", "-").Replace(strings.Join(nodePackages, "-")), func(folder string) error {
			return tool(ctx, folder, append([]string{"npm", "install", "--no-save", "--no-fund", "--no-audit", "--prefix", folder}, nodePackages...)...)
		})
		if err != nil {
			return nil, err
		}
		if err := os.Symlink(filepath.Join(modules, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
			return nil, err
		}
		return []string{"node", file}, tool(ctx, dir, "node", "--check", file)
	}
}

// prepareGo compiles the program with the libraries of this module.
func prepareGo(ctx context.Context, dir string) ([]string, error) {
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "team")
	if err := tool(ctx, ".", "go", "vet", source); err != nil {
		return nil, err
	}
	return []string{binary}, tool(ctx, ".", "go", "build", "-o", binary, source)
}

// prepareRust compiles the program in a cached folder, since its libraries take minutes.
func prepareRust(ctx context.Context, dir string) ([]string, error) {
	kept, err := cached(ctx, "rust", func(string) error { return nil })
	if err != nil {
		return nil, err
	}

	lock := flock.New(filepath.Join(kept, "lock"))
	if err := lock.Lock(); err != nil {
		return nil, err
	}
	defer func() { _ = lock.Unlock() }()

	for _, file := range []string{"Cargo.toml", "main.rs"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(kept, file), text, 0o600); err != nil {
			return nil, err
		}
	}

	if err := tool(ctx, kept, "cargo", "rustc", "--quiet", "--target-dir", "target", "--", "-D", "warnings"); err != nil {
		return nil, err
	}

	binary, err := os.ReadFile(filepath.Join(kept, "target", "debug", "team"))
	if err != nil {
		return nil, err
	}
	own := filepath.Join(dir, "team")
	return []string{own}, os.WriteFile(own, binary, 0o700)
}

// cached returns a folder in the cache that fill has filled once, by one of all processes that ask for it.
func cached(ctx context.Context, name string, fill func(folder string) error) (string, error) {
	cache, err := datadir.Cache()
	if err != nil {
		return "", err
	}

	dir := filepath.Join(cache, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}

	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return "", err
	}
	defer func() { _ = lock.Unlock() }()

	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	if err := fill(dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(complete, nil, 0o600)
}
