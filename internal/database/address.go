package database

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Form is the form of an address, for error messages.
const Form = "postgres://user:password@host:5432/name"

// encode is the advice for most wrong addresses.
const encode = "percent-encode @ : / ? # % and spaces in the password, as in %40 for @"

// Parse parses an address in any form that libpq accepts: a URL, or key=value pairs. Defaults come from
// libpq's environment variables, such as PGSSLMODE. The error is one line.
func Parse(address string) (*pgx.ConnConfig, error) {
	url := strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
	if url && twoSigns(address) {
		return nil, errors.New("an @ or / is in a place where it is not allowed: " + encode)
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

// twoSigns reports whether there is a second @ after the one that ends user and password. The library would
// end the password at the first one, and read the rest of it as a host or a name.
func twoSigns(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "?")
	signs := strings.Count(rest, "@")
	slash := strings.IndexByte(rest, '/')
	return signs > 1 || slash >= 0 && strings.Contains(rest[slash:], "@")
}

// causes replace the library's messages, which quote the address, by their ends.
var causes = []struct{ end, cause string }{
	{"invalid port", "the port is not a number from 1 to 65535: " + encode},
	{"hosts", "it does not have as many ports as hosts"},
	{"failed to read service", "the service that it or PGSERVICE names is not in a service file"},
	{"failed to configure TLS", "the TLS settings (sslmode, sslrootcert, sslcert, sslkey, or PGSSLMODE etc.) are invalid: check the values and the files that they name"},
	{"invalid connect_timeout", "connect_timeout, or PGCONNECT_TIMEOUT, is not a number of seconds"},
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
			return "the value of the parameter " + parameter + " is unknown"
		}
	}

	if url {
		return "it is invalid: the form is " + Form + "; " + encode
	}
	return "it is neither of the form " + Form + " nor pairs as in host=… user=… dbname=…; put values with spaces in single quotes"
}
