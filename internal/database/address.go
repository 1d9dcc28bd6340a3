// Package database reads the address of a PostgreSQL that somebody gives us and names what is wrong with it
// or with the way there, without repeating any part of the address: what stands in a wrong one as host,
// port or parameter may be the rest of a password. What is asked of the database is left to the caller.
package database

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Form is the form of an address, for messages.
const Form = "postgres://user:password@host:5432/name"

// encode is what most wrong addresses need.
const encode = "write a password's @ : / ? # % and spaces percent-encoded, as in %40 for @"

// Parse reads an address in any form that libpq takes: a URL, or key=value pairs. What it leaves open
// comes from libpq's variables, as PGSSLMODE. The error is one line.
func Parse(address string) (*pgx.ConnConfig, error) {
	url := strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
	if url && twoSigns(address) {
		return nil, errors.New("an @ or / stands where none can: " + encode)
	}

	conf, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errors.New(parseCause(err, url))
	}
	if strings.TrimSpace(address) == "" || strings.ContainsAny(conf.Host, "@ #?") {
		return nil, errors.New("it is not of the form " + Form + ": " + encode)
	}
	return conf, nil
}

// twoSigns reports an @ behind the one that ends user and password: the library takes the first for that
// one, and what follows for a host or a name.
func twoSigns(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "?")
	signs := strings.Count(rest, "@")
	slash := strings.IndexByte(rest, '/')
	return signs > 1 || slash >= 0 && strings.Contains(rest[slash:], "@")
}

// causes are the ends of the library's messages, whose other parts quote the address.
var causes = []struct{ end, cause string }{
	{"invalid port", "what stands where the port is expected is no number from 1 to 65535: " + encode},
	{"hosts", "it has not as many ports as hosts"},
	{"failed to read service", "the service that it or PGSERVICE names is in no service file"},
	{"failed to configure TLS", "the TLS settings (sslmode, sslrootcert, sslcert, sslkey, or PGSSLMODE and the like) cannot be used: look at the values and the files that they name"},
	{"invalid connect_timeout", "connect_timeout, or PGCONNECT_TIMEOUT, is no number of seconds"},
}

func parseCause(err error, url bool) string {
	text := err.Error()
	if inner := errors.Unwrap(err); inner != nil {
		text = strings.TrimSuffix(text, " ("+inner.Error()+")")
	}
	for _, c := range causes {
		if strings.HasSuffix(text, c.end) {
			return c.cause
		}
	}

	for _, parameter := range []string{"target_session_attrs", "sslcertmode", "channel_binding", "require_auth", "protocol_version", "exec_mode", "cache_capacity"} {
		if at := strings.LastIndexByte(text, '`'); strings.Contains(text[at+1:], parameter) {
			return "a parameter (" + parameter + ") has a value that is not known"
		}
	}
	if url {
		return "it cannot be read: the form is " + Form + "; " + encode
	}
	return "it is neither of the form " + Form + " nor pairs as in host=… user=… dbname=…; a value with spaces stands in single quotes"
}
