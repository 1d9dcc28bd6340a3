// Package interop starts members of consumer groups that are of other makes than ours, for tests:
// kafka-python, librdkafka (confluent-kafka and kcat) and Java's consumer. They read a topic from its
// start and commit twice a second. What a member of theirs looks like to us is left to the tests.
package interop

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/process"
)

//go:embed *.py
var scripts embed.FS

// A Client is a make of members.
type Client struct {
	Name     string // as in kafka-python
	Protocol string // of its groups: classic or consumer (KIP-848)

	command func(t testing.TB, m membership) (*exec.Cmd, error)
}

// Clients are the makes that are tested. kafka-python has no groups of the new protocol, and kcat's
// librdkafka is older than they are.
var Clients = []Client{
	{"kafka-python", "classic", pythonMember("kafka_python_member.py")},
	{"confluent-kafka", "classic", pythonMember("confluent_member.py")},
	{"confluent-kafka", "consumer", pythonMember("confluent_member.py")},
	{"kcat", "classic", kcatMember},
	{"java", "classic", javaMember},
	{"java", "consumer", javaMember},
}

// membership is what a member needs to know.
type membership struct {
	cfg                              kafka.Config
	group, topic, clientID, protocol string
}

// ID is what the members of this make call themselves.
func (c Client) ID() string { return c.Name + "-" + c.Protocol }

// Join starts a member in the group. It leaves politely at the test's end, or when leave is called.
// Without the client on this machine it reports false: a log line, and in CI a failure.
func (c Client) Join(t testing.TB, cfg kafka.Config, group, topic string) (leave func(), ok bool) {
	t.Helper()
	cmd, err := c.command(t, membership{cfg, group, topic, c.ID(), c.Protocol})
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v", c.Name, err)
		}
		t.Logf("%s is not tested: %v", c.Name, err)
		return nil, false
	}
	var said tail
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	pipe, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	leave = sync.OnceFunc(func() {
		_ = pipe.Close() // tells it to end
		_ = cmd.Wait()   // by a signal, which is no success
		if t.Failed() {
			t.Logf("%s said: %s", c.ID(), said.String())
		}
	})
	t.Cleanup(leave)
	return leave, true
}

// tail keeps the end of what a member says.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (s *tail) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = append(s.b, b...)
	s.b = s.b[max(0, len(s.b)-2000):]
	return len(b), nil
}

func (s *tail) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(bytes.TrimSpace(s.b))
}

// ended runs a program so that it gets SIGTERM when its standard input closes.
func ended(name string, args ...string) *exec.Cmd {
	return process.UntilPipeCloses("TERM", 10*time.Second, name, args...)
}

// pythonMember is a member by one of our scripts, which take their settings from the environment.
func pythonMember(script string) func(testing.TB, membership) (*exec.Cmd, error) {
	return func(t testing.TB, m membership) (*exec.Cmd, error) {
		python, err := python(t.Context())
		if err != nil {
			return nil, err
		}
		text, err := scripts.ReadFile(script)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(t.TempDir(), script)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
		cmd := ended(python, "-u", file)
		cmd.Env = append(os.Environ(), "KAFKA_BROKERS="+strings.Join(m.cfg.Brokers, ","), "KAFKA_USERNAME="+m.cfg.Username,
			"KAFKA_PASSWORD="+string(m.cfg.Password), "KAFKA_CA="+m.cfg.CA,
			"MEMBER_GROUP="+m.group, "MEMBER_TOPIC="+m.topic, "MEMBER_CLIENT_ID="+m.clientID, "MEMBER_PROTOCOL="+m.protocol)
		return cmd, nil
	}
}

// kcatMember is kcat in its consumer group mode.
func kcatMember(t testing.TB, m membership) (*exec.Cmd, error) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		return nil, errors.New("kcat is not on PATH: install it")
	}
	lines := []string{"bootstrap.servers=" + strings.Join(m.cfg.Brokers, ","), "client.id=" + m.clientID, "session.timeout.ms=10000",
		"heartbeat.interval.ms=500", "auto.offset.reset=earliest", "auto.commit.interval.ms=500", "partition.assignment.strategy=range"}
	if m.cfg.Username != "" {
		lines = append(lines, "security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256", "sasl.username="+m.cfg.Username,
			"sasl.password="+string(m.cfg.Password), "ssl.ca.location="+m.cfg.CA)
	}
	file, err := write(t, "kcat.conf", lines)
	if err != nil {
		return nil, err
	}
	return ended(kcat, "-F", file, "-q", "-u", "-G", m.group, m.topic), nil
}

// javaMember is the consumer that Apache Kafka ships, with either protocol.
func javaMember(t testing.TB, m membership) (*exec.Cmd, error) {
	java, err := apache.FindJava(t.Context())
	if err != nil {
		return nil, err
	}
	jars, err := apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		return nil, err
	}
	lines := []string{"client.id=" + m.clientID, "group.protocol=" + m.protocol, "auto.commit.interval.ms=500"}
	if m.protocol == "classic" {
		lines = append(lines, "session.timeout.ms=10000", "heartbeat.interval.ms=500")
	}
	if m.cfg.Username != "" {
		lines = append(lines, "security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256", fmt.Sprintf(
			"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=%q password=%q;", m.cfg.Username, string(m.cfg.Password)),
			"ssl.truststore.type=PEM", "ssl.truststore.location="+filepath.ToSlash(m.cfg.CA))
	}
	file, err := write(t, "java.properties", lines)
	if err != nil {
		return nil, err
	}
	return ended(java, "-XX:TieredStopAtLevel=1", "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(jars, "*"),
		"org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", strings.Join(m.cfg.Brokers, ","),
		"--command-config", file, "--topic", m.topic, "--group", m.group, "--from-beginning"), nil
}

// write makes a settings file that only we can read: a password may be in it.
func write(t testing.TB, name string, lines []string) (string, error) {
	file := filepath.Join(t.TempDir(), name)
	return file, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
