// Package postgres finds or downloads PostgreSQL and runs servers of it on loopback, as another user if this process
// runs as root. deploy/local and tests use it. The contents of databases are up to the leaderboard.
package postgres
