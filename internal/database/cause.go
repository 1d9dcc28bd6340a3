package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Cause returns an error that says why a connection or a statement failed, without any part of the address: no
// host, port, user, database name or password, even if the error quotes them. It still wraps a context's error.
func Cause(err error) error {
	var connect *pgconn.ConnectError
	var parse *pgconn.ParseConfigError
	var pg *pgconn.PgError

	switch {
	case err == nil:
		return nil
	case errors.As(err, &parse):
		return errors.New(parseCause(parse, true))
	case errors.As(err, &connect):
		return causeError{strings.Join(essential(connectCauses(connect)), "; "), contextError(err)}
	case errors.As(err, &pg) && (pg.Code == "26000" || pg.Code == "42P05"):
		return ErrShared // a prepared statement is gone, or there is one of another client
	case errors.As(err, &pg):
		return causeError{statementCause(pg), nil}
	case contextError(err) != nil:
		return contextError(err)
	}

	if text, ok := wireCause(err); ok {
		return causeError{text, nil}
	}
	return err
}

// DiskFull reports whether the server's disk is full.
func DiskFull(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100" || errors.Is(err, syscall.ENOSPC)
}

// ErrShared means that a pooler gives our session to others, or their session to us.
var ErrShared = errors.New("a pooler in front of Postgres shares our session with others, so no lock would hold: " +
	"use the pooler's session mode or connect to Postgres directly")

// A causeError is a cause in words. It wraps only a context's error, because others contain the address.
type causeError struct {
	text       string
	contextErr error
}

func (e causeError) Error() string { return e.text }
func (e causeError) Unwrap() error { return e.contextErr }

func contextError(err error) error {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			return end
		}
	}
	return nil
}

// connectCauses returns why each of the attempts, at several hosts or with and without TLS, failed. Each cause is listed once.
func connectCauses(err error) []string {
	if several, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // each level is inspected
		var out []string
		for _, one := range several.Unwrap() {
			for _, cause := range connectCauses(one) {
				if !slices.Contains(out, cause) {
					out = append(out, cause)
				}
			}
		}

		return out
	}

	if pg, ok := err.(*pgconn.PgError); ok { //nolint:errorlint // as above
		return []string{rejection(pg)}
	}

	_, lookup := err.(*net.DNSError) //nolint:errorlint // as above
	if next := errors.Unwrap(err); next != nil && !lookup {
		return connectCauses(next)
	}

	text, _ := wireCause(err)
	return []string{text}
}

// essential drops the cause that a server does not support TLS if an attempt without TLS failed, too: by default the
// library tries both.
func essential(causes []string) []string {
	if len(causes) == 1 {
		return causes
	}
	return slices.DeleteFunc(causes, func(cause string) bool { return cause == noTLS })
}

// rejection describes why a server, or a pooler in front of it, rejected a connection.
func rejection(pg *pgconn.PgError) string {
	state := " (SQLSTATE " + pg.Code + ")"
	switch {
	case pg.Code == "28P01":
		return "the user or the password is wrong" + state
	case strings.HasPrefix(pg.Code, "28"):
		return "the server does not accept this user from here, or not without TLS: check its pg_hba.conf" + state
	case pg.Code == "3D000":
		return "there is no such database" + state
	case pg.Code == "53300":
		return "the server has no connections left" + state
	case pg.Code == "53100":
		return diskFull
	case pg.Code == "57P03":
		return "the server is starting up or shutting down" + state
	case pg.Code == "42704", pg.Code == "22023", pg.Code == "08P01":
		return "the server, or a pooler in front of it, rejects the user, the database or a parameter of the address" + state
	}

	return "the server rejects the connection" + state
}

const noTLS = "the server does not support TLS, but the address or PGSSLMODE requires it"

const diskFull = "the database's disk is full (SQLSTATE 53100): free some space there"

var quotes = regexp.MustCompile(`"[^"]*"`)

// statementCause returns the server's message. It removes quoted names unless they can only be those of our own tables.
func statementCause(pg *pgconn.PgError) string {
	switch {
	case pg.Code == "53100":
		return diskFull
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "28"), strings.HasPrefix(pg.Code, "3D"), pg.Code == "42501", pg.Code == "42704":
		return pg.Severity + ": " + quotes.ReplaceAllLiteralString(pg.Message, `"…"`) + " (SQLSTATE " + pg.Code + ")"
	}
	return pg.Error()
}

// wireCause describes a network error. ok is false if the error is of another kind.
func wireCause(err error) (text string, ok bool) {
	if text, ok := dialCause(err); ok {
		return text, true
	}

	if text := err.Error(); strings.Contains(text, "refused TLS") {
		return noTLS, true
	} else if strings.Contains(text, "conn closed") || strings.Contains(text, "closed pool") {
		return "the connection is closed", true
	}

	var network net.Error
	if errors.As(err, &network) || errors.As(err, new(*pgconn.ConnectError)) {
		return "the server cannot be reached", true
	}
	return "the server cannot be reached", false
}

// dialCause describes errors of addresses, sockets and TLS.
func dialCause(err error) (text string, ok bool) {
	var dns *net.DNSError
	var errno syscall.Errno
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError

	switch {
	case errors.As(err, &dns):
		return "the host name is unknown: " + encode, true
	case errors.As(err, &verify), errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)):
		return "the server's certificate is not one that sslmode and sslrootcert allow", true
	case errors.As(err, &record):
		return "the server's answer is not TLS", true
	case errors.Is(err, syscall.ENOENT):
		return "there is no PostgreSQL socket in that folder", true
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time", true
	case errors.As(err, &errno):
		return errno.Error(), true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the server closed the connection", true
	}

	return "", false
}
