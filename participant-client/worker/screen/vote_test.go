//go:build !windows

package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/terminaltest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// In a shell, without colours: the step and the question are shown, a vote is sent, Ctrl+Z gives the shell its screen back, and
// the screen follows the window's size.
func TestStepVoteAndJobControl(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		lacks.Part(t, "no bash: install it to test job control")
	}
	c := kafkatest.New(t)
	room := newJobs(t, c)
	board := &terminaltest.Board{
		Number: 1, Team: `{"team":1,"name":"team-1","points":110,"rank":2,"badges":[{"badge":"crew","icon":"🐝"}]}`, Step: "Kill",
		Question: `"question":"What does a third worker get?","options":[{"option":0,"text":"Nothing"},{"option":1,"text":"Records"}]`,
	}
	tm := terminaltest.New(t)
	tm.Open(120, 40, "NO_COLOR=1 PS1='shell> ' exec "+bash+" --norc --noprofile -i")
	tm.Await("shell>")
	tm.Press(queues(t, c)+" --namespace "+string(room.Namespace)+" --team 1 --leaderboard "+board.Serve(t), "Enter")

	tm.Await("Step 4 of 9 · Kill · ")
	tm.Await("POINTS")
	tm.Await("🐝 Crew")
	tm.Await("v votes: What does a third worker get?")
	tm.Press("v")
	tm.Await("Press 1 to 2.")
	tm.Press("1")
	tm.Await("Nothing  ◀ yours")
	tm.Press("2")
	tm.Await("Records  ◀ yours")
	tm.Press("Escape")
	tm.Await("You say Records (v changes it)")
	if votes := board.Answer(`"counts":[3,9],"answer":{"option":1,"because":"Nobody owns anything."}`); votes != "[0 1]" {
		t.Errorf("votes %s", votes)
	}
	tm.Await("The answer is Records: Nobody owns anything. You were right.")
	if screen, _ := tm.Tmux("capture-pane", "-e", "-p", "-t", "0"); regexp.MustCompile(`\x1b\[[0-9;]*[34]8;`).MatchString(screen) {
		t.Errorf("there are colours:\n%q", screen)
	}

	tm.Press("C-z")
	tm.Await("Suspended: no heartbeats")
	tm.Await("Stopped") // printed by the shell
	tm.Press("fg", "Enter")
	tm.Await("A worker 1")
	tm.Press("C-l")
	for _, size := range [][2]string{{"60", "20"}, {"40", "10"}, {"80", "24"}} {
		if out, err := tm.Tmux("resize-window", "-t", "0", "-x", size[0], "-y", size[1]); err != nil {
			t.Fatal(err, out)
		}
		want := "A worker 1"
		if size[0] == "40" {
			want = "have 40x10, need 60x12"
		}
		tm.AwaitScreen(fmt.Sprintf("is of the client at %v", size), func(screen string) bool {
			return strings.Contains(screen, want) && !strings.Contains(screen, "shell>")
		})
	}
	tm.Press("q")
	tm.Await("done: accepted")
	tm.Await("shell>")
}

// newJobs returns a room with jobs that arrive until the test ends.
func newJobs(t *testing.T, c *kafkatest.Cluster) workshop.Room {
	t.Helper()
	room := c.Room
	room.Lesson = workshop.Queues
	c.CreateTopic(t, room.Topic(), 2, nil)
	c.ConfigureGroup(t, room.Group(1), workshop.ShareConfigs())
	stats := room.TeamTopics(1)[0]
	c.CreateTopic(t, stats.Name, stats.Partitions, nil)
	feed(t, c, room.Topic())
	return room
}

// feed produces jobs until the test ends: more than two workers can do.
func feed(t *testing.T, c *kafkatest.Cluster, topic string) {
	t.Helper()
	producer := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	value, err := json.Marshal(workshop.Job{ID: "job", Kind: "send_invoice", WorkMS: 600})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			producer.Produce(ctx, &kgo.Record{Value: value}, nil)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done })
}
