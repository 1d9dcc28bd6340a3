package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/docs"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/provision"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Each program, as shown on the team's page of the guide, does the work of a team with the settings of team.env: two members
// share the partitions, the group evicts one of them and takes it back, one crashes, and in the end there is an action for
// every user who meets the row. The other member leaves cleanly.
func TestTheGuidesProgramsDoTheTeamsWork(t *testing.T) {
	w := newLab(t, workshop.ScaleUp, len(interop.Programs)+1)
	var teams []*teamOfProgram
	for i, p := range interop.Programs {
		dir := t.TempDir()
		t.Run("prepare "+p.Name(), func(t *testing.T) { teams = append(teams, w.prepare(t, i+1, p, dir)) })
	}
	dir := t.TempDir()
	t.Run("prepare kcat", func(t *testing.T) { teams = append(teams, w.prepareKcat(t, len(interop.Programs)+1, dir)) })
	if len(teams) == 0 {
		return
	}

	stop := w.feed(t)
	for _, team := range teams {
		team.join(t)
		team.join(t)
	}
	for _, team := range teams {
		t.Run(team.name, func(t *testing.T) {
			want := []string{game.Connected, game.FirstLoad, game.Scaled, game.StatsPublished}
			if team.reads {
				want = []string{game.Connected, game.Scaled}
			}
			w.until(t, team, fmt.Sprintf("the badges %v", want), func(b game.Team) bool {
				return !slices.ContainsFunc(want, func(badge string) bool {
					return !slices.ContainsFunc(b.Badges, func(e game.Earned) bool { return e.Badge == badge })
				})
			})
			for range 3 {
				w.evict(t, team)
			}
			team.crash(t, 1)
		})
	}
	for _, team := range teams {
		t.Run(team.name+" goes on", func(t *testing.T) {
			w.until(t, team, "one member that owns all", func(b game.Team) bool { return b.State == "Stable" && len(b.Members) == 1 })
		})
	}

	stop()
	for _, team := range teams {
		t.Run(team.name+" has done it all", func(t *testing.T) {
			w.until(t, team, "all is committed, and each user has an action", func(b game.Team) bool {
				return b.Lag != nil && *b.Lag == 0 && len(b.Committed) == 5 && (team.reads || b.Actions.Accepted == w.meet(team.number) && b.Actions.Rejected == 0)
			})
			team.leave(t, 0)
			w.until(t, team, "nobody is left", func(b game.Team) bool { return b.State == "Empty" })
		})
	}
}

// A lab is a leaderboard with a lesson's topic.
type lab struct {
	*work
	*program
	codes []string
}

func newLab(t *testing.T, lesson workshop.Lesson, teams int) *lab {
	const secret = workshop.Secret("a secret of this test alone")
	c := kafkatest.New(t)
	c.Lesson = lesson
	t.Setenv("WORKSHOP_SECRET", string(secret))
	own := *c
	if c.Config.Username == "" {
		c.CreateTopic(t, c.Topic(), lesson.Partitions, nil)
	} else {
		room := workshop.Room{Lesson: lesson, Namespace: c.Namespace, Teams: teams}
		cfg := provision.Config{Flags: provision.Flags{Handouts: t.TempDir()}, Kafka: c.Config, Room: room, Secret: secret}
		provisioned(t, cfg)
		t.Cleanup(func() { cfg.Remove = true; provisioned(t, cfg) })
		own.Config.Username = c.Namespace.Name(workshop.LeaderboardUser)
		own.Config.Password = secret.Password(own.Config.Username)
	}

	p := start(t, &own, postgrestest.URL(t), "--teams", fmt.Sprint(teams), "--lesson", lesson.Name)
	p.ready(t, http.StatusOK)
	return &lab{&work{Cluster: c, client: c.Client(t, kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression())), run: "p"}, p, secret.Codes(c.Namespace, teams)}
}

// page returns the code blocks on the guide's page for the team.
func (w *lab) page(t *testing.T, team int) []string {
	t.Helper()
	_, body := w.get(fmt.Sprintf("/lessons/%s?team=%d", w.Lesson.Name, team))
	var blocks []string
	for _, m := range codeBlock.FindAllStringSubmatch(body, -1) {
		blocks = append(blocks, html.UnescapeString(m[1]))
	}
	return blocks
}

var codeBlock = regexp.MustCompile(`(?s)<pre[^>]*><code[^>]*>(.*?)</code></pre>`)

// settings downloads team.env and ca.pem, and returns the former as an environment.
func (w *lab) settings(t *testing.T, team int, dir string) []string {
	t.Helper()
	status, text := w.get("/j/" + w.codes[team-1] + "/team.env")
	if status != http.StatusOK {
		t.Fatalf("team.env: %d %s", status, text)
	}
	file := filepath.Join(dir, "team.env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ReadEnvFile(file); err != nil {
		t.Error(err)
	}
	if status, ca := w.get("/downloads/ca.pem"); status == http.StatusOK {
		if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte(ca), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return append(os.Environ(), strings.Split(strings.TrimSpace(text), "\n")...)
}

func (w *lab) prepare(t *testing.T, team int, p interop.Program, dir string) *teamOfProgram {
	t.Helper()
	out := &teamOfProgram{name: p.Name(), number: team, dir: dir}
	out.env = w.settings(t, team, out.dir)
	blocks := w.page(t, team)
	var err error
	out.words, err = p.Prepare(t.Context(), out.dir, func(file string) (string, error) {
		begins, err := docs.Program(file, w.Lesson, workshop.Joining{})
		if err != nil {
			return "", err
		}
		first, _, _ := strings.Cut(begins, "\n")
		return w.block(blocks, first, filepath.Ext(file))
	})
	if errors.Is(err, interop.ErrMissing) {
		lacks.Part(t, "%s is not tried: %v", p.Name(), err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// block returns the page's code block that begins with the given line.
func (w *lab) block(blocks []string, first, extension string) (string, error) {
	i := slices.IndexFunc(blocks, func(b string) bool { return strings.HasPrefix(b, first+"\n") })
	if i < 0 {
		return "", fmt.Errorf("the page has no program that begins with %q", first)
	}
	secure := strings.Contains(strings.ToUpper(blocks[i]), "SCRAM")
	if extension != ".xml" && extension != ".toml" && secure != (w.Config.Username != "") {
		return "", fmt.Errorf("the page's program logs in: %v: %s", secure, blocks[i])
	}
	return blocks[i], nil
}

// oldKcat matches the versions of librdkafka that cannot log in to Kafka 4 by SCRAM (confluentinc/librdkafka#4895).
var oldKcat = regexp.MustCompile(`librdkafka (?:[01]\.|2\.[0-5]\.|2\.6\.0)`)

func (w *lab) prepareKcat(t *testing.T, team int, dir string) *teamOfProgram {
	t.Helper()
	out := &teamOfProgram{name: "kcat", number: team, reads: true, dir: dir, words: []string{"sh", "team.sh"}}
	out.env = w.settings(t, team, out.dir)
	if folder := os.Getenv("TEST_KCAT"); folder != "" {
		out.env = append(out.env, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	}

	cmd := exec.CommandContext(t.Context(), "sh", "-c", "kcat -V")
	cmd.Env = out.env
	version, err := cmd.CombinedOutput()
	if err != nil || w.Config.Username != "" && oldKcat.Match(version) {
		lacks.Part(t, "kcat with a librdkafka of 2.6.1 or newer is needed: %v: %s", err, version)
	}

	blocks := w.page(t, team)
	i := slices.IndexFunc(blocks, func(b string) bool { return strings.HasPrefix(b, "kcat ") })
	if i < 0 {
		t.Fatal("the page does not show it")
	}
	text := "exec " + blocks[i] // so that kcat itself is interrupted
	if err := os.WriteFile(filepath.Join(out.dir, "team.sh"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

// evict removes a member from its group, as the broker does with a member that has been silent for too long. The member learns of it
// at its next commit or heartbeat, and must join again.
func (w *lab) evict(t *testing.T, team *teamOfProgram) {
	t.Helper()
	two := func(b game.Team) bool { return b.State == "Stable" && len(b.Members) == 2 }
	var out string
	w.until(t, team, "two members", func(b game.Team) bool {
		if two(b) {
			out = b.Members[0].MemberID
		}
		return out != ""
	})
	if status := w.act(t, fmt.Sprintf("teams/%d/members/%s/remove", team.number, url.PathEscape(out)), "{}"); status != http.StatusOK {
		t.Fatalf("the removal of %s is answered %d", out, status)
	}
	w.until(t, team, "two members, without the one that was removed", func(b game.Team) bool {
		return two(b) && !slices.ContainsFunc(b.Members, func(m game.Member) bool { return m.MemberID == out })
	})
}

// until waits for a state of the team. If it does not arrive, it shows what the team's members printed.
func (w *lab) until(t *testing.T, team *teamOfProgram, what string, holds func(game.Team) bool) {
	t.Helper()
	defer func() {
		if t.Failed() {
			for _, m := range team.members {
				out := m.output()
				t.Logf("a member printed …%s", out[max(0, len(out)-1500):])
			}
		}
	}()
	wait.For(t, what, func() error {
		b, ok := w.board()
		if !ok {
			return errors.New("the board does not answer")
		}
		if holds(b.Teams[team.number-1]) {
			return nil
		}
		text, _ := json.Marshal(b.Teams[team.number-1])
		return fmt.Errorf("the team: %.1500s", text)
	})
}
