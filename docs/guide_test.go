package docs

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// lagBuster is the lag, in records, that earns the badge once the member has caught up.
const lagBuster = 1000

// The member that the step "fall behind" starts is slower than the lesson's own rate. Within the two minutes that the
// step names, its lag reaches what the badge needs.
func TestFallingBehindWorksAtTheLessonsRate(t *testing.T) {
	_, step, found := strings.Cut(Participant, "### Step 8: fall behind")
	if !found {
		t.Fatal("the guide has no such step")
	}
	m := regexp.MustCompile(`participant-client --slow (\S+)\n`).FindStringSubmatch(step)
	if m == nil || !strings.Contains(step, "after two minutes") {
		t.Fatalf("the step names no --slow, or no time: %.300s", step)
	}
	slow, err := time.ParseDuration(m[1])
	if err != nil {
		t.Fatal(err)
	}

	grows := workshop.ScaleUp.DefaultLoad().Rate - 1/slow.Seconds()
	if behind := grows * (2 * time.Minute).Seconds(); behind < lagBuster {
		t.Errorf("after two minutes it is %v records behind", behind)
	}
}

// No line of the guide works in one shell only, except where a table names the shell.
func TestCommandsWorkInEveryShell(t *testing.T) {
	for line := range strings.Lines(Participant) {
		if strings.HasPrefix(line, "./participant-client") && strings.Contains(line, "'") {
			t.Errorf("cmd does not know single quotes: %s", line)
		}
	}
	for _, table := range strings.Split(Participant, "| shell | line |")[1:] {
		table, _, _ = strings.Cut(table, "\n\n")
		for _, shell := range []string{"| bash, zsh |", "| PowerShell |", "| cmd |"} {
			if !strings.Contains(table, shell) {
				t.Errorf("no %s in %s", shell, table)
			}
		}
	}
}
