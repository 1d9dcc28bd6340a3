//go:build !windows

package screen

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/terminaltest"
)

// queues returns the command line of a worker.
func queues(t *testing.T, c *kafkatest.Cluster) string {
	t.Helper()
	return terminaltest.Client(t, c) + " --lesson queues"
}

func TestInATerminal(t *testing.T) {
	tm := terminaltest.New(t)
	c := kafkatest.New(t)
	room := newJobs(t, c)
	errs := filepath.Join(t.TempDir(), "stderr")
	tm.Open(80, 24, fmt.Sprintf("%s --namespace %s --team 1 2>%s; echo ended with $?; read wait", queues(t, c), room.Namespace, errs))

	tm.Await("Stable")
	tm.Await("A worker 1")
	tm.Await("send_invoice")
	tm.Press("+")
	tm.Await("B worker 2")
	tm.Press("+") // more workers than partitions: two of them share one
	tm.Await("C worker 3")
	tm.Await("after ") // order is lost
	tm.Press("1")
	tm.PressUntil("r", "worker 1 gave back")
	tm.PressUntil("x", "worker 1 rejected")
	tm.Press("2", "k")
	tm.Await("✗ crashed")
	tm.Await("delivery 2")
	tm.Press("?")
	tm.Await("reject the record in work: nobody gets it again")
	tm.Press("Escape")
	tm.Await("WHAT HAPPENED")
	if _, err := tm.Tmux("resize-window", "-t", "0", "-x", "120", "-y", "40"); err != nil {
		t.Fatal(err)
	}
	tm.Await("▀▀▀")
	tm.Press("q")
	tm.Await("done: accepted")
	tm.Await("ended with 0")
	if said, err := os.ReadFile(errs); err != nil || len(said) > 0 {
		t.Errorf("stderr: %q, %v", said, err)
	}
}
