// Package postgres finds or fetches PostgreSQL's binaries and runs a server of our own with them, as
// another user when we are root. It serves deploy/local and tests; what is in the database is left
// to the leaderboard.
package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"

	"kafka-workshop/internal/process"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// Find returns the folder that holds initdb and postgres: of an installed PostgreSQL (PATH, or
// Debian's /usr/lib/postgresql/*/bin, the newest), else of its published binaries, which are fetched
// into cache and kept there. Say gets a line when something long begins.
func Find(cache string, say func(string)) (string, error) {
	if dir := installed(); dir != "" {
		return dir, nil
	}
	dir := filepath.Join(cache, "postgres-"+string(embeddedpostgres.V17))
	if complete(filepath.Join(dir, "bin")) {
		return filepath.Join(dir, "bin"), nil
	}
	say("no PostgreSQL is installed here: fetching its published binaries (15 MB, once)")
	if err := fetch(cache, dir); err != nil {
		return "", fmt.Errorf("no PostgreSQL to be had: none is installed and its binaries could not be fetched (%w): install it, or set DATABASE_URL", err)
	}
	return filepath.Join(dir, "bin"), nil
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// complete reports whether a folder holds a server that can be started.
func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(dir, exe(name))); err != nil {
			return false
		}
	}
	return true
}

func installed() string {
	if path, err := exec.LookPath(exe("postgres")); err == nil && complete(filepath.Dir(path)) {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	best, newest := "", 0.0
	for _, dir := range found {
		v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		if err == nil && v > newest && complete(dir) {
			best, newest = dir, v
		}
	}
	return best
}

// fetch downloads the binaries into dir. The library has no call that only fetches: a locale that
// does not exist ends its Start behind the download, before it runs anything.
func fetch(cache, dir string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "postgres-fetch-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	pg := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V17).Locale("not-a-locale").Port(uint32(port)).Logger(io.Discard).
		CachePath(filepath.Join(cache, "downloads")).BinariesPath(dir).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")))
	err = pg.Start()
	if err == nil {
		err = pg.Stop()
	}
	if complete(filepath.Join(dir, "bin")) {
		return nil
	}
	if err == nil {
		err = errors.New("the download was not complete")
	}
	return err
}

// freePort is one of loopback, for a server that is about to listen there.
func freePort() (int, error) {
	ln, err := process.Listen("127.0.0.1", 0)
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}
