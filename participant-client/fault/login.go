package fault

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Login explains an error of the login or of TLS, for which waiting does not help. The text is empty for other errors.
func Login(err error, at Place) Fault {
	addr := at.addr(err)
	var token kafka.TokenError
	switch {
	case errors.As(err, &token):
		return Fault{token.Text + ".", token.Rejected}
	case errors.Is(err, kerr.SaslAuthenticationFailed), strings.Contains(err.Error(), "SASL_AUTHENTICATION_FAILED"):
		login := "this login"
		if at.Kafka.Username != "" {
			login = "the login of " + at.Kafka.Username
		}
		return Fault{fmt.Sprintf("%s rejects %s: check %s.", addr, login, at.Kafka.Credentials()), true}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return Fault{fmt.Sprintf("%s uses another login mechanism: try --sasl SCRAM-SHA-512 or --sasl PLAIN, or ask the instructor.", addr), true}
	case errors.Is(err, kerr.IllegalSaslState):
		return Fault{fmt.Sprintf("%s does not accept logins: remove --username, or use its port for logins.", addr), true}
	}

	if text := tlsFault(err, at); text != "" {
		return Fault{text, true}
	}
	return Fault{}
}

// tlsFault explains an error of TLS.
func tlsFault(err error, at Place) string {
	var (
		header    tls.RecordHeaderError
		alert     tls.AlertError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	addr := at.addr(err)
	switch {
	case errors.As(err, &header):
		return addr + " does not use TLS: remove --tls and --ca, or use its port for TLS."
	case errors.As(err, &authority):
		return fmt.Sprintf("The certificate of %s is signed by an authority that this machine does not trust: pass its file with --ca.", addr)
	case errors.As(err, &host):
		return fmt.Sprintf("The certificate of %s is for another address (%s): use the join address, or tell the instructor.", addr, Short(host))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("The certificate of %s is not valid now: is your clock right?", addr)
	case errors.As(err, &verify):
		return fmt.Sprintf("The certificate of %s is not valid (%s): check the address, your clock, and --ca.", addr, Short(verify.Err))
	case errors.As(err, &alert):
		return fmt.Sprintf("%s closed the TLS connection (%s): check --tls and --ca.", addr, Short(alert))
	case !at.UsesTLS() && strings.Contains(err.Error(), "tls alert"): // the library has no type for it
		return addr + " requires TLS: start with --tls, or with --ca FILE if the instructor gave you a file."
	}
	return ""
}
