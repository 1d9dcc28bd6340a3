package main

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

// data is the folder that is kept between runs. One run holds it at a time.
type data struct {
	dir  string
	lock *flock.Flock
}

func openData(dir string) (*data, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("no cache folder for the data: name one with --data: %w", err)
		}
		dir = filepath.Join(cache, "kafka-workshop")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w: name a folder that you can write to", err)
	}
	d := &data{dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	held, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("--data %s: %w: name a folder that you can write to", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("the data folder %s is in use by another run: stop that one, or name another with --data", dir)
	}
	return d, nil
}

func (d *data) close() { _ = d.lock.Unlock() } // the system drops it with the process anyway

func (d *data) path(name string) string { return filepath.Join(d.dir, name) }

// empty removes what runs left, and keeps what only costs time to make again.
func (d *data) empty() error {
	for _, name := range []string{"broker", "postgres"} {
		if err := os.RemoveAll(d.path(name)); err != nil {
			return fmt.Errorf("--fresh: %w", err)
		}
	}
	return nil
}

// secret returns given, or what the folder keeps under name, made at the first time.
func (d *data) secret(name string, given workshop.Secret) (string, error) {
	if given != "" {
		return string(given), nil
	}
	b, err := os.ReadFile(d.path(name))
	if err == nil && len(strings.TrimSpace(string(b))) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	made := strings.ToLower(rand.Text())
	return made, os.WriteFile(d.path(name), []byte(made+"\n"), 0o600)
}
