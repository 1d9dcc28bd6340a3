// Package datadir holds the folder that a command keeps between its runs: one run holds it at a
// time, and it keeps secrets that are made once. What else lies in it is left to the commands.
package datadir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/gofrs/flock"
)

// Dir is a folder that this process holds.
type Dir struct {
	dir  string
	lock *flock.Flock
}

// Cache is our place in the user's cache folder.
func Cache() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the data: name one with --data: %w", err)
	}
	return filepath.Join(cache, "kafka-workshop"), nil
}

// Open takes the folder that --data named, else the one called usual in our cache.
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
	held, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("--data %s: %w: name a folder that you can write to", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("the data folder %s is in use by another run: stop that one, or name another with --data", dir)
	}
	return d, nil
}

// Close lets the folder go; the system does so with the process anyway.
func (d *Dir) Close() { _ = d.lock.Unlock() }

// Path is the path of what is called name in the folder.
func (d *Dir) Path(name string) string { return filepath.Join(d.dir, name) }

// Remove removes what is called so.
func (d *Dir) Remove(names ...string) error {
	for _, name := range names {
		if err := os.RemoveAll(d.Path(name)); err != nil {
			return err
		}
	}
	return nil
}

// Secret returns given, or what the folder keeps under name, made at the first time.
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
	made := strings.ToLower(rand.Text())
	return made, os.WriteFile(d.Path(name), []byte(made+"\n"), 0o600)
}
