//go:build !windows

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// older is the oldest version of Apache Kafka that is known to work. It has classic groups only.
const older = "3.9.1"

// The lessons about consumer groups work on a broker without KIP-848 and share groups. A client that asks for either
// gets a one-line error.
func TestLessonsOnAnOlderKafka(t *testing.T) {
	needsJava(t)
	data := t.TempDir()
	start(t, data, "--secure", "--kafka-version", older)
	cfg := settings(t, data)
	dir := t.TempDir()
	t.Setenv("WORKSHOP_SECRET", "a secret of this test alone")
	participant := build(t, "participant-client")
	board := build(t, "leaderboard")

	for _, lesson := range workshop.Lessons() {
		t.Run(lesson.Name, func(t *testing.T) {
			handouts := filepath.Join(dir, lesson.Name)
			t.Setenv("WORKSHOP_LESSON", lesson.Name)
			provision := exec.Command(board, "provision", "--env", filepath.Join(data, "settings.env"), "--teams", "1", "--handouts", handouts)
			if lesson.Share {
				var says strings.Builder
				provision.Stderr = &says
				if err := provision.Run(); err == nil || !strings.Contains(says.String(), "this cluster has no share groups") || strings.Count(says.String(), "\n") != 1 {
					t.Errorf("provision: %v: %s", err, says.String())
				}
				return
			}
			printed(t, provision)

			topic := workshop.Room{Lesson: lesson, Teams: 1}.Topic()
			producer := client(t, cfg)
			for range 5 {
				producer.Produce(t.Context(), &kgo.Record{Topic: topic, Value: []byte("{}")}, nil)
			}
			if err := producer.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}

			user := workshop.Room{Lesson: lesson, Teams: 1}.User(1)
			login := append(os.Environ(), "KAFKA_BROKERS="+cfg.Brokers[0], "KAFKA_CA="+cfg.CA, "KAFKA_USERNAME="+user,
				"KAFKA_PASSWORD="+string(workshop.Secret("a secret of this test alone").Password(user)))
			member := exec.Command(participant, "--team", "1", "--max-records", "5", "--format", "plain")
			member.Env = login
			if out := printed(t, member); strings.Count(out, "{}") != 5 {
				t.Errorf("a member printed %s", out)
			}

			modern := exec.Command(participant, "--team", "1", "--assignor", "server", "--format", "plain")
			modern.Env = login
			out, err := modern.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "This broker has no KIP-848 groups") {
				t.Errorf("--assignor server: %v: %s", err, out)
			}
		})
	}
}

// build builds one of the workshop's programs.
func build(t *testing.T, name string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", bin, "kafka-workshop/"+name).CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return bin
}

// printed runs a command and returns what it printed.
func printed(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, out)
	}
	return string(out)
}
