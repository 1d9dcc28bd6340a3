package gobuild

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The output of go build -v becomes progress reports, and its error messages become the error.
func TestABuildThatFailsSaysWhy(t *testing.T) {
	var said []string
	cmd := exec.Command("go", "build", "-v", "./does-not-exist")
	err := compile(cmd, 200, func(line string) { said = append(said, line) })
	if err == nil || !strings.Contains(err.Error(), "does-not-exist") {
		t.Errorf("the error does not name what is wrong: %v", err)
	}
	if !slices.Contains(said, "building the programs: 200 packages. This happens once; later starts take seconds") {
		t.Errorf("it did not say that it builds: %q", said)
	}
}

func TestProgressTellsPackagesFromFaults(t *testing.T) {
	p := &progress{missing: 3, say: func(string) {}}
	p.read(strings.NewReader("internal/abi\ngithub.com/twmb/franz-go/pkg/kgo\n# kafka-workshop/x\nx.go:1:2: undefined: y\n"))
	if p.began != 2 || !slices.Equal(p.errors, []string{"# kafka-workshop/x", "x.go:1:2: undefined: y"}) {
		t.Errorf("began %d, said %q", p.began, p.errors)
	}
}
