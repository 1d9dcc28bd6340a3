package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/processtest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/provision"

	"github.com/twmb/franz-go/pkg/kgo"
)

// On a secured cluster, from provision to a second member: the leaderboard with its own user, and the participant's binary
// with only an address and a code, then with nothing at all.
func TestAClassOnASecuredCluster(t *testing.T) {
	if os.Getenv("TEST_KAFKA_BROKERS") == "" || os.Getenv("TEST_KAFKA_USERNAME") == "" {
		lacks.Cluster(t, "no secured one is named by TEST_KAFKA_BROKERS and _USERNAME")
	}
	const secret = workshop.Secret("a secret of this test alone")
	c := kafkatest.New(t)
	cfg := provision.Config{
		Flags: provision.Flags{Handouts: t.TempDir()}, Kafka: c.Config, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: c.Namespace, Teams: 2}, Secret: secret,
	}
	provisioned(t, cfg)
	t.Cleanup(func() { cfg.Remove = true; provisioned(t, cfg) })
	admin := c.Client(t)
	for range 500 {
		admin.Produce(t.Context(), &kgo.Record{Topic: c.Topic(), Value: []byte("{}")}, nil)
	}
	if err := admin.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	t.Setenv("WORKSHOP_SECRET", string(secret))
	own := *c
	own.Config.Username = c.Namespace.Name(workshop.LeaderboardUser)
	own.Config.Password = secret.Password(own.Config.Username)
	p := start(t, &own, postgrestest.URL(t))
	p.ready(t, http.StatusOK)

	laptop := t.TempDir()
	exe := filepath.Join(laptop, "participant-client")
	if out, err := exec.Command("go", "build", "-o", exe, "../participant-client").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	participant := func(env string, args ...string) {
		cmd := exec.Command(exe, args...)
		cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+laptop, "HOME="+laptop, env)
		cmd.Stderr = t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processtest.InterruptAtEnd(t, cmd)
	}
	has := func(badge string) func(game.Board) bool {
		return func(b game.Board) bool {
			return slices.ContainsFunc(b.Teams[1].Badges, func(e game.Earned) bool { return e.Badge == badge })
		}
	}
	participant("WORKSHOP_CODE="+secret.Codes(c.Namespace, 2)[1], "join", p.url, "--format", "plain")
	p.until(t, "team 2 is connected", has("connected"))
	participant("WORKSHOP_CODE=", "--format", "plain")
	b := p.until(t, "team 2 is scaled", has("scaled"))
	if len(b.Teams[0].Badges) != 0 || b.Teams[1].State != "Stable" {
		t.Errorf("teams: %+v", b.Teams)
	}
}

func provisioned(t *testing.T, cfg provision.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := provision.Run(ctx, cfg, &strings.Builder{}); err != nil {
		t.Error(err)
	}
}
