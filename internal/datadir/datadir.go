// Package datadir manages the folder in which a command keeps its data between runs. Only one run uses it
// at a time. It also stores generated secrets; other contents are up to the commands.
package datadir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"

	"github.com/gofrs/flock"
)

// A Dir is a data folder that is locked by this process.
type Dir struct {
	dir  string
	lock *flock.Flock
}

// Cache returns our folder in the user's cache folder.
func Cache() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the data: name a folder with --data: %w", err)
	}

	return filepath.Join(cache, "kafka-workshop"), nil
}

// Open creates and locks dir, the value of --data. If dir is empty it uses the folder named usual in Cache.
func Open(dir, usual string) (*Dir, error) {
	if dir == "" {
		cache, err := Cache()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(cache, usual)
	}

	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w: name a folder that you can write to", err)
	}

	d := &Dir{dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	locked, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("--data %s: %w: name a folder that you can write to", dir, err)
	}
	if !locked {
		return nil, fmt.Errorf("the data folder %s is in use by another run: stop that run, or name another folder with --data", dir)
	}
	return d, nil
}

// Close unlocks the folder. The system does so, too, when the process exits.
func (d *Dir) Close() { _ = d.lock.Unlock() }

// Path returns the path of an entry of the folder.
func (d *Dir) Path(name string) string { return filepath.Join(d.dir, name) }

// Remove deletes the named entries.
func (d *Dir) Remove(names ...string) error {
	for _, name := range names {
		if err := os.RemoveAll(d.Path(name)); err != nil {
			return err
		}
	}
	return nil
}

// Secret returns given, or if that is empty the secret stored under name. The first call generates it.
func (d *Dir) Secret(name string, given workshop.Secret) (string, error) {
	if given != "" {
		return string(given), nil
	}

	b, err := os.ReadFile(d.Path(name))
	if err == nil && len(strings.TrimSpace(string(b))) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}

	generated := strings.ToLower(rand.Text())
	return generated, textfile.WritePrivate(d.Path(name), []byte(generated+"\n"))
}
