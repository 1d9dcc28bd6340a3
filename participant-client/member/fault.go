package member

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A fault is what is wrong and what to do about it, in one line. A fatal one does not heal by waiting.
type fault struct {
	text  string
	fatal bool
}

// connectFault names why an address could not be connected to.
func connectFault(d dialFault, cfg Config) fault {
	if login, ok := loginFault(d.err, d.addr, cfg); ok {
		return login
	}
	if d.advertised && d.reached != "" && d.reached != d.addr {
		return fault{fmt.Sprintf("Reached %s, but it sends clients to %s, which can't be reached from here (%s): tell the instructor. Waiting for it.", d.reached, d.addr, short(d.err)), false}
	}
	var dns *net.DNSError
	switch {
	case errors.As(d.err, &dns) && dns.IsNotFound && !d.met:
		return fault{fmt.Sprintf("Nobody knows the host %s: check --brokers for a typing error, and that you are on the right network.", dns.Name), true}
	case errors.As(d.err, &dns):
		return fault{fmt.Sprintf("The name %s cannot be looked up: is the network there? Waiting for it.", dns.Name), false}
	case errors.Is(d.err, syscall.ECONNREFUSED):
		return fault{fmt.Sprintf("Nothing listens at %s: is Kafka running there, and --brokers right? Waiting for it.", d.addr), false}
	case errors.Is(d.err, syscall.ENETUNREACH), errors.Is(d.err, syscall.EHOSTUNREACH):
		return fault{fmt.Sprintf("No way to %s: is the wifi on? On macOS, allow your terminal under Privacy & Security, Local Network. Waiting for it.", d.addr), false}
	case timedOut(d.err) && usesTLS(cfg):
		return fault{fmt.Sprintf("No answer from %s: is it the TLS port, and the right address? Your network may also block it (leave the VPN or use another network). Waiting for it.", d.addr), false}
	case timedOut(d.err):
		return fault{fmt.Sprintf("No answer from %s: your network may block its port (leave the VPN or use another network), or it is the wrong address. Waiting for it.", d.addr), false}
	case strings.Contains(d.err.Error(), "HTTP"):
		return fault{fmt.Sprintf("%s answers as a web page would, not as Kafka: is the port right, and are you logged in to the wifi? Waiting for it.", d.addr), false}
	case hungUp(d.err):
		return hangUp(d, cfg)
	}
	return fault{fmt.Sprintf("No connection to %s (%s). Waiting for it.", d.addr, short(d.err)), false}
}

// hangUp is a broker that closes the connection at once. A broker that stops does so too, hence it is
// taken for a wrong setting only when it never answered and did so again and again.
func hangUp(d dialFault, cfg Config) fault {
	wants := "it may want TLS (--tls, or --ca FILE) or a login (--username, KAFKA_PASSWORD)"
	switch {
	case cfg.Kafka.Username != "" && usesTLS(cfg):
		wants = "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it takes logins and TLS at all"
	case cfg.Kafka.Username != "":
		wants = "check the login (--username, KAFKA_PASSWORD, --sasl), and whether it wants TLS (--tls, or --ca FILE)"
	case usesTLS(cfg):
		wants = "it may want a login (--username, KAFKA_PASSWORD), or speak no TLS"
	}
	if !d.met && d.hangUps >= hangUpsMost {
		return fault{fmt.Sprintf("%s hangs up at once: %s.", d.addr, wants), true}
	}
	return fault{fmt.Sprintf("%s hangs up at once: it is just stopping, or %s. Waiting for it.", d.addr, wants), false}
}

// hangUpsMost is how many connections in a row may be hung up on before it counts as a wrong setting.
const hangUpsMost = 4

func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF)
}

func usesTLS(cfg Config) bool { return cfg.Kafka.TLS || cfg.Kafka.CA != "" }

// loginFault names what is wrong with TLS or the login.
func loginFault(err error, addr string, cfg Config) (fault, bool) {
	var (
		header    tls.RecordHeaderError
		alert     tls.AlertError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed), strings.Contains(err.Error(), "SASL_AUTHENTICATION_FAILED"):
		return fault{fmt.Sprintf("%s refuses the login of %s: check --username and --password (KAFKA_PASSWORD).", addr, cfg.Kafka.Username), true}, true
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fault{fmt.Sprintf("%s does not take logins with %s: ask the instructor which --sasl to use.", addr, cfg.Kafka.SASL), true}, true
	case errors.Is(err, kerr.IllegalSaslState):
		return fault{fmt.Sprintf("%s takes no logins: leave --username out, or use its port for logins.", addr), true}, true
	case errors.As(err, &header):
		return fault{fmt.Sprintf("%s does not speak TLS: leave --tls and --ca out, or use its TLS port.", addr), true}, true
	case errors.As(err, &authority):
		return fault{fmt.Sprintf("The certificate of %s is signed by an authority that this machine does not know: give its file with --ca.", addr), true}, true
	case errors.As(err, &verify):
		return fault{fmt.Sprintf("The certificate of %s does not hold (%s): check the address, your clock, and --ca.", addr, short(verify.Err)), true}, true
	case errors.As(err, &alert):
		return fault{fmt.Sprintf("%s breaks the TLS connection off (%s): check --tls and --ca.", addr, short(alert)), true}, true
	case !usesTLS(cfg) && strings.Contains(err.Error(), "tls alert"):
		return fault{fmt.Sprintf("%s wants TLS: start with --tls, or --ca FILE when the instructor gave you a file.", addr), true}, true
	}
	return fault{}, false
}

// faultOf names the fault behind an error of a request.
func faultOf(err error, doing string, cfg Config) fault {
	if login, ok := loginFault(err, strings.Join(cfg.Kafka.Brokers, ","), cfg); ok {
		return login
	}
	who := "You"
	if cfg.Kafka.Username != "" {
		who = "The user " + cfg.Kafka.Username
	}
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fault{fmt.Sprintf("%s may not %s: check the team's number and login, or ask the instructor.", who, doing), true}
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return fault{fmt.Sprintf("%s may not use the group %s: check the team's number and login, or ask the instructor.", who, cfg.Group), true}
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return fault{fmt.Sprintf("%s may not use transactions as this team: leave --exactly-once out, or ask the instructor.", who), true}
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return fault{fmt.Sprintf("Cannot %s: the topic is not there yet. Waiting for it: is the producer running, and --lesson right?", doing), false}
	case errors.Is(err, kerr.InvalidSessionTimeout):
		return fault{fmt.Sprintf("The broker does not allow --session-timeout %v: use a value between its limits (6s to 30m by default).", cfg.SessionTimeout), true}
	case errors.Is(err, kerr.GroupMaxSizeReached):
		return fault{fmt.Sprintf("The group %s is full: the broker takes no more members in it.", cfg.Group), true}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), timedOut(err):
		return fault{"Kafka does not answer: is the network there? Waiting for it.", false}
	}
	return fault{fmt.Sprintf("Cannot %s: %s. Trying on.", doing, short(err)), false}
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &ne) && ne.Timeout())
}

// short is the innermost text of a wrapped error, on one line.
func short(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return strings.TrimRight(strings.Join(strings.Fields(err.Error()), " "), ".")
}
