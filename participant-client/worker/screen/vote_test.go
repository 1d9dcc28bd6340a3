//go:build !windows

package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A leaderboard that is in a step and asks a question, in the contract's JSON.
type leaderboard struct {
	mu    sync.Mutex // guards what follows
	phase string
	more  string
	votes []int
}

func (b *leaderboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.URL.Path {
	case "/api/teams/1":
		fmt.Fprint(w, `{"team":1,"name":"team-1","points":110,"rank":2,"badges":[{"badge":"crew","icon":"🐝"}]}`)
	case "/api/board":
		fmt.Fprintf(w, `{"round":1,"step":{"number":4,"of":9,"title":"Kill","ends_at":%q},"teams":[]}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	case "/api/prediction":
		fmt.Fprintf(w, `{"id":3,"question":"What does a third worker get?","options":[{"option":0,"text":"Nothing"},{"option":1,"text":"Records"}],"phase":%q,"votes":%d%s}`,
			b.phase, len(b.votes), b.more)
	case "/api/prediction/vote":
		var in struct{ Option int }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.votes = append(b.votes, in.Option)
		fmt.Fprintf(w, `{"option":%d}`, in.Option)
	default:
		http.NotFound(w, r)
	}
}

func (b *leaderboard) answer() (votes string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.more = "answered", `,"counts":[3,9],"answer":{"option":1,"because":"Nobody owns anything."}`
	return fmt.Sprint(b.votes)
}

// In a shell, without colours: the step and the question are shown, a vote is sent, Ctrl+Z gives the shell its screen back, and
// the screen follows the window's size.
func TestStepVoteAndJobControl(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		lacks.Part(t, "no bash: install it to test job control")
	}
	c := kafkatest.New(t)
	room := newJobs(t, c)
	board := &leaderboard{phase: "open"}
	server := httptest.NewServer(board)
	defer server.Close()
	tm := newTerminal(t)
	tm.open(120, 40, "NO_COLOR=1 PS1='shell> ' exec "+bash+" --norc --noprofile -i")
	tm.await("shell>")
	tm.press(command(t, c)+" --namespace "+string(room.Namespace)+" --team 1 --leaderboard "+server.URL, "Enter")

	tm.await("Step 4 of 9 · Kill · ")
	tm.await("POINTS")
	tm.await("🐝 Crew")
	tm.await("v votes: What does a third worker get?")
	tm.press("v")
	tm.await("Press 1 to 2.")
	tm.press("1")
	tm.await("Nothing  ◀ yours")
	tm.press("2")
	tm.await("Records  ◀ yours")
	tm.press("Escape")
	tm.await("You say Records (v changes it)")
	if votes := board.answer(); votes != "[0 1]" {
		t.Errorf("votes %s", votes)
	}
	tm.await("The answer is Records: Nobody owns anything. You were right.")
	if screen, _ := tm.tmux("capture-pane", "-e", "-p", "-t", "0"); regexp.MustCompile(`\x1b\[[0-9;]*[34]8;`).MatchString(screen) {
		t.Errorf("there are colours:\n%q", screen)
	}

	tm.press("C-z")
	tm.await("Suspended: no heartbeats")
	tm.await("Stopped") // says the shell
	tm.press("fg", "Enter")
	tm.await("A worker 1")
	tm.press("C-l")
	for _, size := range [][2]string{{"60", "20"}, {"40", "10"}, {"80", "24"}} {
		if out, err := tm.tmux("resize-window", "-t", "0", "-x", size[0], "-y", size[1]); err != nil {
			t.Fatal(err, out)
		}
		want := "A worker 1"
		if size[0] == "40" {
			want = "have 40x10, need 60x12"
		}
		wait.For(t, "the screen", func() error {
			screen, _ := tm.tmux("capture-pane", "-p", "-t", "0")
			if !strings.Contains(screen, want) || strings.Contains(screen, "shell>") {
				return fmt.Errorf("%v:\n%s", size, screen)
			}
			return nil
		})
	}
	tm.press("q")
	tm.await("done: accepted")
	tm.await("shell>")
}

// newJobs is a room with jobs that come until the test ends.
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
