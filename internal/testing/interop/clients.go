package interop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/lacks"
)

// command returns a command whose program gets SIGTERM when its standard input closes.
func command(name string, args ...string) *exec.Cmd {
	return process.UntilPipeCloses("TERM", 10*time.Second, name, args...)
}

// pythonMember returns a member that runs one of our scripts, which read their settings from the environment.
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

		cmd := command(python, "-u", file)
		cmd.Env = append(os.Environ(), "KAFKA_BROKERS="+strings.Join(m.cfg.Brokers, ","), "KAFKA_USERNAME="+m.cfg.Username,
			"KAFKA_PASSWORD="+string(m.cfg.Password), "KAFKA_CA="+m.cfg.CA,
			"MEMBER_GROUP="+m.group, "MEMBER_TOPIC="+m.topic, "MEMBER_CLIENT_ID="+m.clientID, "MEMBER_PROTOCOL="+m.protocol)
		return cmd, nil
	}
}

// kcatMember runs kcat in its consumer group mode.
func kcatMember(t testing.TB, m membership) (*exec.Cmd, error) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		return nil, errors.New("kcat is not on PATH: install it")
	}
	if m.cfg.Username != "" && wrongNonce(kcat) {
		return nil, errCannotLogIn
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
	return command(kcat, "-F", file, "-q", "-u", "-G", m.group, m.topic), nil
}

// errCannotLogIn means that the client's version does not work with the broker's. Nothing is missing on the machine.
var errCannotLogIn = errors.New("its librdkafka is older than 2.6.1, and Kafka 4 rejects its SCRAM logins")

// wrongNonce reports whether kcat's librdkafka sends its nonce twice in a SCRAM login, which Kafka 4 rejects
// (librdkafka#4895).
func wrongNonce(kcat string) bool {
	out, err := exec.Command(kcat, "-V").Output()
	m := librdkafka.FindSubmatch(out)
	if err != nil || m == nil {
		return false
	}

	version := 0
	for _, part := range m[1:] {
		n, _ := strconv.Atoi(string(part)) // cannot fail: the pattern matches digits
		version = version*1000 + n
	}

	return version < 2_006_001
}

var librdkafka = regexp.MustCompile(`librdkafka (\d+)\.(\d+)\.(\d+)`)

// javaMember runs Apache Kafka's console consumer, with either protocol.
func javaMember(t testing.TB, m membership) (*exec.Cmd, error) {
	lines := []string{"client.id=" + m.clientID, "group.protocol=" + m.protocol, "auto.commit.interval.ms=500"}
	if m.protocol == "classic" {
		lines = append(lines, "session.timeout.ms=10000", "heartbeat.interval.ms=500")
	}

	java, args, err := javaTool(t, m.cfg, "consumer.ConsoleConsumer", lines)
	if err != nil {
		return nil, err
	}
	return command(java, append(args, "--topic", m.topic, "--group", m.group, "--from-beginning")...), nil
}

// javaTool returns the command line of one of Apache Kafka's tools for a cluster, with additional lines of settings.
func javaTool(t testing.TB, cfg kafka.Config, class string, lines []string) (java string, args []string, err error) {
	if java, err = apache.FindJava(t.Context()); err != nil {
		return "", nil, err
	}

	jars, err := apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		return "", nil, err
	}

	if cfg.Username != "" {
		lines = append(lines, "security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256", fmt.Sprintf(
			"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=%q password=%q;", cfg.Username, string(cfg.Password)),
			"ssl.truststore.type=PEM", "ssl.truststore.location="+filepath.ToSlash(cfg.CA))
	}

	file, err := write(t, "java.properties", lines)
	if err != nil {
		return "", nil, err
	}
	return java, []string{"-XX:TieredStopAtLevel=1", "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(jars, "*"),
		"org.apache.kafka.tools." + class, "--bootstrap-server", strings.Join(cfg.Brokers, ","), "--command-config", file}, nil
}

// KafkaTool runs one of Apache Kafka's tools, such as "consumer.group.ConsumerGroupCommand", and returns its output.
// Without Java the test is skipped, or fails in CI.
func KafkaTool(t testing.TB, cfg kafka.Config, class string, args ...string) (out string) {
	t.Helper()
	java, begin, err := javaTool(t, cfg, class, nil)
	if err != nil {
		lacks.Part(t, "%s is not compared: %v", class, err)
	}

	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), java, append(begin, args...)...)
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", class, err, said.String())
	}
	return string(text)
}

// write writes a settings file that only its owner can read, since it may contain a password.
func write(t testing.TB, name string, lines []string) (string, error) {
	file := filepath.Join(t.TempDir(), name)
	return file, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
