package admission_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/docs"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/processtest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/provision"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A program is one that the guide shows.
type program struct {
	fence string // what stands behind the ``` of its block
	file  string
	tools [][]string // commands that succeed where it can be tried
	run   []string
}

// newKcat succeeds for a kcat whose librdkafka is 2.6.1 or newer: older ones send a nonce that Kafka 4 and
// 3.9.1 refuse as invalid credentials (confluentinc/librdkafka#4895).
const newKcat = `kcat -V | grep -E 'librdkafka (2\.(6\.[1-9]|[7-9]\.|[1-9][0-9]\.)|[3-9]\.)'`

// programs finds what there is on this machine: TEST_PYTHON names an interpreter that has the libraries,
// TEST_NODE_PATH a folder of node modules, TEST_KAFKA_JARS one of jars, TEST_KCAT a folder that has kcat.
func programs() []program {
	python := env("TEST_PYTHON", "python3")
	jars := env("TEST_KAFKA_JARS", jarsOfDeployKafka())
	return []program{
		{"python kafka-python", "team.py", [][]string{{python, "-c", "import kafka"}}, []string{python, "-u", "team.py"}},
		{"python confluent-kafka", "team.py", [][]string{{python, "-c", "import confluent_kafka"}}, []string{python, "-u", "team.py"}},
		{"java", "Team.java", [][]string{{"java", "-version"}, {"test", "-d", jars}}, []string{"java", "-cp", filepath.Join(jars, "*"), "Team.java"}},
		{"sh kcat", "team.sh", [][]string{{"sh", "-c", newKcat}}, []string{"sh", "team.sh"}},
		{"js kafkajs", "team.js", [][]string{{"node", "-e", "require('kafkajs')"}}, []string{"node", "team.js"}},
	}
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func jarsOfDeployKafka() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	found, _ := filepath.Glob(filepath.Join(cache, "kafka-workshop", "apache-kafka-*", "kafka-clients-*.jar"))
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[0])
}

// TestProgramsOfOtherLanguagesJoinAndShareTheWork runs each program of the guide, as a team's page shows
// it, twice: both have to own partitions of the team's group, and the group has to commit. It needs a
// secured cluster: TEST_KAFKA_BROKERS with its _USERNAME, _PASSWORD and _CA.
func TestProgramsOfOtherLanguagesJoinAndShareTheWork(t *testing.T) {
	if os.Getenv("TEST_KAFKA_BROKERS") == "" || os.Getenv("TEST_KAFKA_USERNAME") == "" {
		lacks.Cluster(t, "no secured one is named by TEST_KAFKA_BROKERS and _USERNAME")
	}
	c := kafkatest.New(t)
	cfg := provision.Config{
		Flags: provision.Flags{Handouts: t.TempDir()}, Kafka: c.Config, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: c.Namespace, Teams: 5},
		Secret: "a secret of this test alone", PublicURL: "http://127.0.0.1:8080",
	}
	run(t, cfg)
	t.Cleanup(func() { cfg.Remove = true; run(t, cfg) })
	admissions, err := admission.New(admission.Config{Secret: cfg.Secret, Room: cfg.Room, Kafka: c.Config})
	if err != nil {
		t.Fatal(err)
	}
	producing, stop := context.WithCancel(t.Context())
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feed(producing, c.Client(t, kgo.ProducerBatchCompression(kgo.NoCompression())), c.Topic())
	}()
	t.Cleanup(func() { stop(); <-fed })
	for i, p := range programs() {
		t.Run(p.fence, func(t *testing.T) { p.try(t, c, admissions.Handouts(cfg.PublicURL)[i], cfg.Lesson) })
	}
}

func run(t *testing.T, cfg provision.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := provision.Run(ctx, cfg, &strings.Builder{}); err != nil {
		t.Error(err)
	}
}

// feed spreads records over all partitions.
func feed(ctx context.Context, client *kgo.Client, topic string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			client.Produce(ctx, &kgo.Record{Topic: topic, Value: []byte(`{"email":"a@example.org"}`)}, nil)
		}
	}
}

func (p program) try(t *testing.T, c *kafkatest.Cluster, h admission.Handout, l workshop.Lesson) {
	for _, tool := range p.tools {
		if out, err := command(t, t.TempDir(), tool).CombinedOutput(); err != nil {
			lacks.Part(t, "this program cannot be tried here: %v: %v: %s", tool, err, out)
		}
	}
	dir := t.TempDir()
	text := block(docs.Fill(docs.Participant, l, h.Joining), p.fence)
	if text == "" {
		t.Fatal("the guide does not show it")
	}
	if p.file == "team.sh" {
		text = "exec " + text // so that it is kcat itself that is interrupted
	}
	write(t, filepath.Join(dir, p.file), text)
	write(t, filepath.Join(dir, "ca.pem"), h.CA)
	for range 2 {
		cmd := command(t, dir, p.run)
		cmd.WaitDelay = 5 * time.Second // should a child of it live on
		cmd.Env = append(cmd.Env, "KAFKA_PASSWORD="+h.Password)
		out := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("it printed %.3000s", out.String())
			}
		})
		processtest.InterruptAtEnd(t, cmd) // runs first
	}
	shared(t, c.Config, h.Group, l)
}

// shared waits for two members that own partitions, and a commit.
func shared(t *testing.T, cfg kafka.Config, group string, l workshop.Lesson) {
	t.Helper()
	opts, err := cfg.Opts("programs-test", nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var owned []int
	commits := 0
	for len(owned) < 2 || commits == 0 {
		if ctx.Err() != nil {
			t.Fatalf("partitions of each member of %s: %v; commits: %d", group, owned, commits)
		}
		groups, err := adm.DescribeGroups(ctx, group)
		if err == nil {
			owned = owners(groups[group], l.Partitions)
		}
		if offsets, err := adm.FetchOffsets(ctx, group); err == nil {
			commits = len(offsets.Offsets().KOffsets())
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	slices.Sort(owned)
	if !slices.Equal(owned, []int{2, 3}) {
		t.Errorf("they share %v", owned)
	}
}

// owners are how many partitions each member owns, when all of them have an owner.
func owners(g kadm.DescribedGroup, all int) []int {
	var out []int
	sum := 0
	for _, m := range g.Members {
		if a, ok := m.Assigned.AsConsumer(); ok {
			for _, t := range a.Topics {
				out, sum = append(out, len(t.Partitions)), sum+len(t.Partitions)
			}
		}
	}
	if g.State != "Stable" || sum != all {
		return nil
	}
	return out
}

// block is the text of a fenced block of the guide.
func block(markdown, fence string) string {
	m := regexp.MustCompile("(?s)\n```" + regexp.QuoteMeta(fence) + "\n(.*?)\n```\n").FindStringSubmatch(markdown)
	if m == nil {
		return ""
	}
	return m[1] + "\n"
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func command(t *testing.T, dir string, args []string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	if folder := os.Getenv("TEST_KCAT"); folder != "" {
		cmd.Env = append(cmd.Env, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	if path := os.Getenv("TEST_NODE_PATH"); path != "" {
		cmd.Env = append(cmd.Env, "NODE_PATH="+path)
	}
	return cmd
}
