// Package migrations embeds the database migrations, in goose's format. The leaderboard's store decides when to apply
// them.
package migrations

import "embed"

// FS holds the *.sql files.
//
//go:embed *.sql
var FS embed.FS
