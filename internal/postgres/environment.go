package postgres

import (
	"os"
	"strings"
)

// forgetOthers removes PGHOST, PGSSLMODE, PGSERVICE and all others of the kind from the environment of this
// process, and so from that of its children. They name or tune a database of somebody else's: pgx reads
// them in every program, and the server itself reads some. An address cannot override all of them.
func forgetOthers() {
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name) // it was set, so its name is one
		}
	}
}
