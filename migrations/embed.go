// Package migrations carries the database's migrations, in goose's form, inside the binary. Who
// applies them, and when, is left to the leaderboard's store.
package migrations

import "embed"

// FS holds the *.sql files.
//
//go:embed *.sql
var FS embed.FS
