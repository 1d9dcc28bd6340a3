package docs_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write reference.md anew")

// commands are all commands that a reader can type; their --help makes up the reference.
var commands = []string{
	"deploy/local", "deploy/kafka",
	"producer-svc",
	"participant-client", "participant-client run", "participant-client join", "participant-client describe",
	"participant-client tail", "participant-client topic", "participant-client check",
	"participant-client publish actions", "participant-client publish stats",
	"participant-client offsets show", "participant-client offsets set", "participant-client completion", "participant-client help",
	"leaderboard serve", "leaderboard provision",
}

// folder returns the package with a command's flags: go run ./deploy/local compiles the launcher and becomes it.
func folder(command string) string {
	if command == "deploy/local" {
		return "deploy/local/launcher"
	}
	return command
}

// The reference is generated from the programs' --help, so that it cannot fall behind them.
func TestReferenceIsWhatTheProgramsSay(t *testing.T) {
	bin := t.TempDir()
	var b strings.Builder
	b.WriteString("# Flags\n\nWritten by `go test ./docs -update` from the programs' own `--help`. " +
		"Every flag has the environment name in brackets; flags win over the environment, and the environment over `--env FILE`.\n")
	built := map[string]string{}
	for _, c := range commands {
		words := strings.Fields(c)
		exe, ok := built[words[0]]
		if !ok {
			exe = filepath.Join(bin, strings.ReplaceAll(words[0], "/", "-")+".exe")
			if out, err := exec.Command("go", "build", "-o", exe, "../"+folder(words[0])).CombinedOutput(); err != nil {
				t.Fatalf("build %s: %v: %s", words[0], err, out)
			}
			built[words[0]] = exe
		}
		cmd := exec.Command(exe, append(words[1:], "--help")...)
		cmd.Env = []string{"HOME=" + bin} // defaults must not depend on who runs the test
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s --help: %v", c, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s```\n", c, out)
	}
	if *update {
		if err := os.WriteFile("reference.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("reference.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Fatal("docs/reference.md is not what the programs say: run go test ./docs -update, and look at the change")
	}
}
