package fault

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
)

func TestEachFaultIsOneLineThatSaysWhatToDo(t *testing.T) {
	refused := &net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 9092}, Err: syscall.ECONNREFUSED}
	ours := Place{Addr: "kafka:9092", Kafka: kafka.Config{Username: "team-7"}, Group: "team-8", Doing: "publish to team-8.actions"}
	secure := Place{Addr: "kafka:9093", Kafka: kafka.Config{TLS: true}}
	for _, tc := range []struct {
		err   error
		at    Place
		says  string
		fatal bool
	}{
		{refused, Place{}, "Nothing listens at 10.0.0.9:9092: is it the join address", false},
		{refused, Place{Addr: "127.0.0.1:9092"}, "Nothing listens at 127.0.0.1:9092", false},
		{context.DeadlineExceeded, Place{Addr: "10.0.0.9:9092"}, "your network may block port 9092", false},
		{context.DeadlineExceeded, secure, "is it the port for TLS", false},
		{context.DeadlineExceeded, Place{}, "Kafka does not answer", false},
		{&net.DNSError{Name: "kafka.room", IsNotFound: true}, Place{}, "No such host: kafka.room", true},
		{&net.DNSError{Name: "kafka.room", IsTemporary: true}, Place{}, "Cannot look up kafka.room", false},
		{syscall.ECONNRESET, secure, "it may require a login", false},
		{io.EOF, ours, "check the login", false},
		{kerr.SaslAuthenticationFailed, ours, "kafka:9092 rejects the login of team-7: check --username and KAFKA_PASSWORD.", true},
		{x509.UnknownAuthorityError{}, secure, "pass its file with --ca", true},
		{errors.New("remote error: tls alert record"), Place{Addr: "kafka:9093"}, "requires TLS", true},
		{errors.New("remote error: unexpected HTTP response"), Place{}, "like a web server", false},
		{kerr.TopicAuthorizationFailed, ours, "The user team-7 may not publish to team-8.actions", true},
		{kerr.GroupAuthorizationFailed, ours, "the group team-8", true},
		{kerr.UnknownTopicOrPartition, ours, "Cannot publish to team-8.actions: the topic does not exist yet", false},
		{kerr.UnknownTopicOrPartition, Place{}, "The topic does not exist yet", false},
		{kerr.InconsistentGroupProtocol, Place{}, "--assignor", true},
		{fmt.Errorf("x: %w", errors.New("something\nelse")), ours, "Cannot publish to team-8.actions: something else.", false},
		{errors.New("something\nelse"), Place{}, "something else", false},
	} {
		got := Of(tc.err, tc.at)
		if !strings.Contains(got.Text, tc.says) || strings.Contains(got.Text, "\n") || got.Fatal != tc.fatal {
			t.Errorf("%v: %+v, want %q, fatal %v", tc.err, got, tc.says, tc.fatal)
		}
	}
}

// A broker that repeatedly hangs up is a wrong setting only if it never answered.
func TestHangUpsOfABrokerThatAnsweredHeal(t *testing.T) {
	for _, c := range []struct {
		met     bool
		hangUps int
		fatal   bool
	}{{false, hangUpsMost, true}, {false, hangUpsMost - 1, false}, {true, 100 * hangUpsMost, false}} {
		if f := (connection{addr: "kafka:9092", met: c.met, hangUps: c.hangUps}).hangUp(Place{}); f.Fatal != c.fatal {
			t.Errorf("met %v, %d hang-ups: %+v", c.met, c.hangUps, f)
		}
	}
}
