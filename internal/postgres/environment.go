package postgres

import (
	"os"
	"strings"
)

// unsetLibpqVariables removes PGHOST, PGSSLMODE, PGSERVICE and so on from the environment of this process and so of its
// children. They are meant for another database. pgx reads them in every program, the server reads some, and an
// address cannot override all of them.
func unsetLibpqVariables() {
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name) // cannot fail: the name is valid
		}
	}
}
