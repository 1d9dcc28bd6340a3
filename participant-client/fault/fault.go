// Package fault explains what is wrong between this laptop and Kafka, in one line that includes the remedy. The caller
// decides whether to wait or to give up.
package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Fault is one line of text.
type Fault struct {
	Text  string
	Fatal bool // waiting does not help
}

// A Place is where an error happened, as far as that is known.
type Place struct {
	Addr  string       // host:port of the peer; if empty, it is taken from the error
	Kafka kafka.Config // the login and TLS settings in use
	Group string
	Doing string // as in: read new_users
}

// Of explains an error of a connection, a login or a request.
func Of(err error, at Place) Fault {
	for _, explain := range []func(error, Place) Fault{Login, refused, network} {
		if f := explain(err, at); f.Text != "" {
			return f
		}
	}

	if at.Doing != "" {
		return Fault{Text: fmt.Sprintf("Cannot %s: %s.", at.Doing, Short(err))}
	}
	return Fault{Text: strings.Join(strings.Fields(err.Error()), " ")}
}

// Explain returns the text of Of if only the address is known.
func Explain(err error, addr string) string { return Of(err, Place{Addr: addr}).Text }

// addr returns the peer, to begin a sentence with.
func (at Place) addr(err error) string {
	var op *net.OpError
	switch {
	case at.Addr != "":
		return at.Addr
	case errors.As(err, &op) && op.Addr != nil:
		return op.Addr.String()
	}
	return "Kafka"
}

// UsesTLS reports whether the settings turn TLS on.
func (at Place) UsesTLS() bool { return at.Kafka.TLS || at.Kafka.CA != "" }

// who returns the user, to begin a sentence with.
func (at Place) who() string {
	if at.Kafka.Username != "" {
		return "The user " + at.Kafka.Username
	}
	return "You"
}

// refused explains why the cluster rejects a request.
func refused(err error, at Place) Fault {
	doing := cmp.Or(at.Doing, "use the topic")
	group := cmp.Or(at.Group, "of that name")
	denied := func(format string, args ...any) Fault {
		return Fault{at.who() + " may not " + fmt.Sprintf(format, args...), true}
	}

	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return denied("%s (TOPIC_AUTHORIZATION_FAILED): check the team's number and login, or ask the instructor.", doing)
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return denied("use the group %s (GROUP_AUTHORIZATION_FAILED): check the team's number and login, or ask the instructor.", group)
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return denied("use transactions as this team (TRANSACTIONAL_ID_AUTHORIZATION_FAILED): remove --exactly-once, or ask the instructor.")
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return denied("do that on the cluster (CLUSTER_AUTHORIZATION_FAILED): ask the instructor.")
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		text := "the topic does not exist yet: is the producer running, and are --lesson and --namespace right?"
		if at.Doing != "" {
			return Fault{Text: fmt.Sprintf("Cannot %s: %s", at.Doing, text)}
		}
		return Fault{Text: "T" + text[1:]}
	case errors.Is(err, kerr.GroupMaxSizeReached):
		return Fault{fmt.Sprintf("The group %s is full: the broker accepts no more members.", group), true}
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		return Fault{"The group uses another assignor (INCONSISTENT_GROUP_PROTOCOL): start with the one that its members use, see --assignor.", true}
	}
	return Fault{}
}

// network explains why a peer cannot be reached.
func network(err error, at Place) Fault {
	addr := at.addr(err)
	var (
		dns       *net.DNSError
		firstRead *kgo.ErrFirstReadEOF
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return Fault{fmt.Sprintf("No such host: %s. Check the spelling, and that you are on the room's network.", dns.Name), true}
	case errors.As(err, &dns):
		return Fault{Text: fmt.Sprintf("Cannot look up %s: is this laptop online?", dns.Name)}
	case errors.Is(err, syscall.ECONNREFUSED):
		return Fault{Text: nothingListens(addr)}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return Fault{Text: noRoute(addr)}
	case TimedOut(err):
		return Fault{Text: noAnswer(addr, at)}
	case strings.Contains(err.Error(), "HTTP"):
		return Fault{Text: fmt.Sprintf("%s answers like a web server, not like Kafka: is the port right (Kafka's is usually 9092), and are you logged in to the wifi?", addr)}
	case errors.As(err, &firstRead):
		return Fault{Text: fmt.Sprintf("%s hangs up at once: %s.", addr, Wants(at))}
	case HungUp(err):
		return Fault{Text: fmt.Sprintf("The connection to %s broke: the broker may have stopped, or %s.", addr, Wants(at))}
	}
	return Fault{}
}

// Wants returns what a broker that closes the connection may require.
func Wants(at Place) string {
	switch {
	case at.Kafka.LogsIn() && at.UsesTLS():
		return "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it uses logins and TLS at all"
	case at.Kafka.LogsIn():
		return "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it requires TLS (--tls, or --ca FILE)"
	case at.UsesTLS():
		return "it may require a login (--username, KAFKA_PASSWORD), or not use TLS"
	}
	return "it may require TLS (--tls, or --ca FILE) or a login (--username, KAFKA_PASSWORD)"
}

// HungUp reports whether the peer closed the connection.
func HungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF)
}

// TimedOut reports whether an answer did not arrive in time.
func TimedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout())
}

// Short returns the innermost text of a wrapped error, on one line.
func Short(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return strings.TrimRight(strings.Join(strings.Fields(err.Error()), " "), ".")
}

// Clock returns a text if this laptop's clock is too far ahead of the right one, or behind, and "" otherwise.
func Clock(ahead time.Duration) string {
	const tolerated = 10 * time.Second
	side := "ahead"
	if ahead < 0 {
		side = "behind"
	}
	if ahead.Abs() <= tolerated {
		return ""
	}
	return fmt.Sprintf("Your clock is %s %s: set it (TLS and records' times depend on it).", ahead.Abs(), side)
}
