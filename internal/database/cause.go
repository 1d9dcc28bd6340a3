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

// Cause says what stopped a connection or a statement. It keeps the end of a context recognisable, and
// nothing of the address: no host, port, user, name of the database or password, whoever quotes them.
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
		return told{strings.Join(essential(connectCauses(connect)), "; "), contextEnd(err)}
	case errors.As(err, &pg) && (pg.Code == "26000" || pg.Code == "42P05"):
		return ErrShared // a prepared statement did not stay, or one of somebody else's was there
	case errors.As(err, &pg):
		return told{statementCause(pg), nil}
	case contextEnd(err) != nil:
		return contextEnd(err)
	}
	if text, ok := wireCause(err); ok {
		return told{text, nil}
	}
	return err
}

// DiskFull reports that the server has no room left, for data or for a temporary file.
func DiskFull(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100" || errors.Is(err, syscall.ENOSPC)
}

// ErrShared is a pooler that gives our session to others, or us the session of others.
var ErrShared = errors.New("a pooler before Postgres shares our session with others, so that no lock would hold: " +
	"use the pooler's session mode or connect to Postgres directly")

// told is a cause in words. It unwraps to a context's end alone: other errors carry the address.
type told struct {
	text string
	end  error
}

func (t told) Error() string { return t.text }
func (t told) Unwrap() error { return t.end }

func contextEnd(err error) error {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			return end
		}
	}
	return nil
}

// connectCauses are what failed at each of the hosts and ways that were tried, each cause once.
func connectCauses(err error) []string {
	if several, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // it is walked down one by one
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
		return []string{refusal(pg)}
	}
	_, lookup := err.(*net.DNSError) //nolint:errorlint // as above
	if next := errors.Unwrap(err); next != nil && !lookup {
		return connectCauses(next)
	}
	text, _ := wireCause(err)
	return []string{text}
}

// essential leaves out that a server takes no TLS when something else failed without: where nothing says
// otherwise the library tries both.
func essential(causes []string) []string {
	if len(causes) == 1 {
		return causes
	}
	return slices.DeleteFunc(causes, func(cause string) bool { return cause == noTLS })
}

// refusal is what a server, or a pooler in its place, says to who wants to connect.
func refusal(pg *pgconn.PgError) string {
	state := " (SQLSTATE " + pg.Code + ")"
	switch {
	case pg.Code == "28P01":
		return "the user or the password is wrong" + state
	case strings.HasPrefix(pg.Code, "28"):
		return "the server lets this user not in from here, or not without TLS: look at its pg_hba.conf" + state
	case pg.Code == "3D000":
		return "there is no such database" + state
	case pg.Code == "53300":
		return "the server has no connection left" + state
	case pg.Code == "53100":
		return diskFull
	case pg.Code == "57P03":
		return "the server is starting up or shutting down" + state
	case pg.Code == "42704", pg.Code == "22023", pg.Code == "08P01":
		return "the server, or a pooler before it, refuses the user, the database or a parameter of the address" + state
	}
	return "the server refuses the connection" + state
}

const noTLS = "the server takes no TLS, and the address or PGSSLMODE asks for it"

const diskFull = "the disk of the database is full (SQLSTATE 53100): make room there"

var quotes = regexp.MustCompile(`"[^"]*"`)

// statementCause keeps the server's words, but names only where they are those of our own tables.
func statementCause(pg *pgconn.PgError) string {
	switch {
	case pg.Code == "53100":
		return diskFull
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "28"), strings.HasPrefix(pg.Code, "3D"), pg.Code == "42501", pg.Code == "42704":
		return pg.Severity + ": " + quotes.ReplaceAllLiteralString(pg.Message, `"…"`) + " (SQLSTATE " + pg.Code + ")"
	}
	return pg.Error()
}

// wireCause names what is wrong on the way; ok is false when nothing of it is known.
func wireCause(err error) (text string, ok bool) {
	if text, ok := dial(err); ok {
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

// dial names the faults of addresses, sockets and TLS.
func dial(err error) (text string, ok bool) {
	var dns *net.DNSError
	var errno syscall.Errno
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError

	switch {
	case errors.As(err, &dns):
		return "the host's name is not known: " + encode, true
	case errors.As(err, &verify), errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)):
		return "the server's certificate is not one that sslmode and sslrootcert allow", true
	case errors.As(err, &record):
		return "what answers there speaks no TLS", true
	case errors.Is(err, syscall.ENOENT):
		return "there is no socket of PostgreSQL in that folder", true
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time", true
	case errors.As(err, &errno):
		return errno.Error(), true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed from the other side", true
	}
	return "", false
}
