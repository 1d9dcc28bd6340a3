// Package interop starts group members with other Kafka clients for tests: kafka-python, librdkafka (confluent-kafka
// and kcat) and Java's consumer. They read a topic from its start and commit twice a second.
package interop

import (
	"bytes"
	"embed"
	"errors"
	"os/exec"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/lacks"
)

//go:embed *.py
var scripts embed.FS

// A Client is one of the other clients, with one of the group protocols.
type Client struct {
	Name     string // as in kafka-python
	Protocol string // of its groups: classic or consumer (KIP-848)

	command func(t testing.TB, m membership) (*exec.Cmd, error)
}

// Clients are all clients that are tested. kafka-python does not support the new protocol, and kcat's librdkafka is
// older than it.
var Clients = []Client{
	{"kafka-python", "classic", pythonMember("kafka_python_member.py")},
	{"confluent-kafka", "classic", pythonMember("confluent_member.py")},
	{"confluent-kafka", "consumer", pythonMember("confluent_member.py")},
	{"kcat", "classic", kcatMember},
	{"java", "classic", javaMember},
	{"java", "consumer", javaMember},
}

// membership is the configuration of a member.
type membership struct {
	cfg                              kafka.Config
	group, topic, clientID, protocol string
}

// ID returns the client ID of members.
func (c Client) ID() string { return c.Name + "-" + c.Protocol }

// Join starts a member of the group. It leaves the group at the end of the test, or when leave is called. If the client
// is not installed, the test is skipped, or fails in CI. It is skipped, too, if the client is known not to work with a
// secured broker.
func (c Client) Join(t testing.TB, cfg kafka.Config, group, topic string) (leave func()) {
	t.Helper()
	cmd, err := c.command(t, membership{cfg, group, topic, c.ID(), c.Protocol})
	if errors.Is(err, errCannotLogIn) {
		lacks.Cluster(t, c.Name+": "+err.Error())
	}
	if err != nil {
		lacks.Part(t, "%s is not tested: %v", c.Name, err)
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

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	leave = sync.OnceFunc(func() {
		select {
		case err := <-ended:
			t.Logf("%s exited by itself: %v; its output: %s", c.ID(), err, said.String())
			return
		default:
		}

		_ = pipe.Close()                // asks it to exit
		if err := <-ended; t.Failed() { // usually by a signal
			t.Logf("%s exited (%v); its output: %s", c.ID(), err, said.String())
		}
	})
	t.Cleanup(leave)
	return leave
}

// tail keeps the end of a member's output.
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
