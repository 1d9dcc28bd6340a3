// Package interop starts members of consumer groups that are of other makes than ours, for tests:
// kafka-python, librdkafka (confluent-kafka and kcat) and Java's consumer. They read a topic from its
// start and commit twice a second. What a member of theirs looks like to us is left to the tests.
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
// Without the client on this machine the test is skipped, and in CI it fails. A client that is known not to
// get on with a secured broker skips it there too.
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
			t.Logf("%s ended by itself: %v; it said: %s", c.ID(), err, said.String())
			return
		default:
		}
		_ = pipe.Close()                // tells it to end
		if err := <-ended; t.Failed() { // by a signal, as a rule
			t.Logf("%s ended (%v), and said: %s", c.ID(), err, said.String())
		}
	})
	t.Cleanup(leave)
	return leave
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
