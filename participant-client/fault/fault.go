// Package fault names what is wrong between this laptop and Kafka, in one line that says what to do
// about it. Finding it out, waiting, and giving up are left to who met it.
package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Fault is one line. A fatal one does not heal by waiting.
type Fault struct {
	Text  string
	Fatal bool
}

// A Place is where a fault was met, as far as that is known.
type Place struct {
	Addr  string       // host:port that was spoken to; empty takes it from the error
	Kafka kafka.Config // the login and TLS that were used
	Group string
	Doing string // as in: read new_users
}

// Of names the fault behind an error of a connection, a login or a request.
func Of(err error, at Place) Fault {
	for _, name := range []func(error, Place) Fault{Login, refused, network} {
		if f := name(err, at); f.Text != "" {
			return f
		}
	}
	if at.Doing != "" {
		return Fault{Text: fmt.Sprintf("Cannot %s: %s.", at.Doing, Short(err))}
	}
	return Fault{Text: strings.Join(strings.Fields(err.Error()), " ")}
}

// Explain is the text of Of where no more than an address is known.
func Explain(err error, addr string) string { return Of(err, Place{Addr: addr}).Text }

// addr is the address in words.
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

// who is the user in words.
func (at Place) who() string {
	if at.Kafka.Username != "" {
		return "The user " + at.Kafka.Username
	}
	return "You"
}

// refused names why the cluster says no to a request.
func refused(err error, at Place) Fault {
	doing, group := at.Doing, at.Group
	if doing == "" {
		doing = "use the topic"
	}
	if group == "" {
		group = "of that name"
	}
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return Fault{fmt.Sprintf("%s may not %s (TOPIC_AUTHORIZATION_FAILED): check the team's number and login, or ask the instructor.", at.who(), doing), true}
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return Fault{fmt.Sprintf("%s may not use the group %s (GROUP_AUTHORIZATION_FAILED): check the team's number and login, or ask the instructor.", at.who(), group), true}
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return Fault{fmt.Sprintf("%s may not use transactions as this team (TRANSACTIONAL_ID_AUTHORIZATION_FAILED): leave --exactly-once out, or ask the instructor.", at.who()), true}
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return Fault{fmt.Sprintf("%s may not do that on the cluster (CLUSTER_AUTHORIZATION_FAILED): ask the instructor.", at.who()), true}
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		text := "the topic is not there yet: is the producer running, and are --lesson and --namespace right?"
		if at.Doing != "" {
			return Fault{Text: fmt.Sprintf("Cannot %s: %s", at.Doing, text)}
		}
		return Fault{Text: "T" + text[1:]}
	case errors.Is(err, kerr.GroupMaxSizeReached):
		return Fault{fmt.Sprintf("The group %s is full: the broker takes no more members in it.", group), true}
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		return Fault{"The group runs another assignor (INCONSISTENT_GROUP_PROTOCOL): start with the one that its members use, see --assignor.", true}
	}
	return Fault{}
}

// network names why an address cannot be spoken to.
func network(err error, at Place) Fault {
	var (
		dns   *net.DNSError
		first *kgo.ErrFirstReadEOF
	)
	addr := at.addr(err)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return Fault{fmt.Sprintf("Nobody knows the host %s: check it for a typing error, and that you are on the room's network.", dns.Name), true}
	case errors.As(err, &dns):
		return Fault{Text: fmt.Sprintf("The name %s cannot be looked up: is the network there?", dns.Name)}
	case errors.Is(err, syscall.ECONNREFUSED):
		return Fault{Text: nobody(addr)}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return Fault{Text: noWay(addr)}
	case TimedOut(err):
		return Fault{Text: silent(addr, at)}
	case strings.Contains(err.Error(), "HTTP"):
		return Fault{Text: fmt.Sprintf("%s answers as a web page would, not as Kafka: is the port right (Kafka's is usually 9092), and are you logged in to the wifi?", addr)}
	case errors.As(err, &first):
		return Fault{Text: fmt.Sprintf("%s hangs up at once: %s.", addr, Wants(at))}
	case HungUp(err):
		return Fault{Text: fmt.Sprintf("The connection to %s broke: it may have stopped, or %s.", addr, Wants(at))}
	}
	return Fault{}
}

// silent says why an address may answer nothing.
func silent(addr string, at Place) string {
	_, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return addr + " does not answer: is the network there?"
	case at.UsesTLS():
		return fmt.Sprintf("No answer from %s: is it the port for TLS, and the right address? Your network may also block port %s (leave the VPN or use another network).", addr, port)
	}
	return fmt.Sprintf("No answer from %s: your network may block port %s (leave the VPN or use another network), or this wifi separates laptops.", addr, port)
}

// Wants is what a broker that hangs up may be missing.
func Wants(at Place) string {
	switch {
	case at.Kafka.Username != "" && at.UsesTLS():
		return "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it takes logins and TLS at all"
	case at.Kafka.Username != "":
		return "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it wants TLS (--tls, or --ca FILE)"
	case at.UsesTLS():
		return "it may want a login (--username, KAFKA_PASSWORD), or speak no TLS"
	}
	return "it may want TLS (--tls, or --ca FILE) or a login (--username, KAFKA_PASSWORD)"
}

// HungUp reports a connection that the other side closed.
func HungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF)
}

// TimedOut reports an answer that did not come in time.
func TimedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout())
}

// Short is the innermost text of a wrapped error, on one line.
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
