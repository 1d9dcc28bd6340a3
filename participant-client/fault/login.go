package fault

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Login names what is wrong with the login or with TLS; its text is empty for another error. None of
// these heals by waiting.
func Login(err error, at Place) Fault {
	addr := at.addr(err)
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed), strings.Contains(err.Error(), "SASL_AUTHENTICATION_FAILED"):
		login := "this login"
		if at.Kafka.Username != "" {
			login = "the login of " + at.Kafka.Username
		}
		return Fault{fmt.Sprintf("%s refuses %s: check --username and KAFKA_PASSWORD.", addr, login), true}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return Fault{fmt.Sprintf("%s takes another kind of login: try --sasl SCRAM-SHA-512 or --sasl PLAIN, or ask the instructor.", addr), true}
	case errors.Is(err, kerr.IllegalSaslState):
		return Fault{fmt.Sprintf("%s takes no logins: leave --username out, or use its port for logins.", addr), true}
	}
	if text := secured(err, at); text != "" {
		return Fault{text, true}
	}
	return Fault{}
}

// secured names what is wrong with TLS.
func secured(err error, at Place) string {
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
		return addr + " does not speak TLS: leave --tls and --ca out, or use its port for TLS."
	case errors.As(err, &authority):
		return fmt.Sprintf("The certificate of %s is signed by an authority that this machine does not know: give its file with --ca.", addr)
	case errors.As(err, &host):
		return fmt.Sprintf("The certificate of %s is for another address (%s): use the join address, or tell the instructor.", addr, Short(host))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("The certificate of %s is not valid now: is your clock right?", addr)
	case errors.As(err, &verify):
		return fmt.Sprintf("The certificate of %s does not hold (%s): check the address, your clock, and --ca.", addr, Short(verify.Err))
	case errors.As(err, &alert):
		return fmt.Sprintf("%s breaks the TLS connection off (%s): check --tls and --ca.", addr, Short(alert))
	case !at.UsesTLS() && strings.Contains(err.Error(), "tls alert"): // the library has no type for it
		return addr + " wants TLS: start with --tls, or --ca FILE when the instructor gave you a file."
	}
	return ""
}
