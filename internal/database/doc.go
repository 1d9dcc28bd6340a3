// Package database parses the address of a PostgreSQL database and explains errors of connections and statements,
// without quoting any part of the address: the host, port or parameters of a wrong one may be the rest of a password.
package database
