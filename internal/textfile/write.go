package textfile

import (
	"errors"
	"os"
	"path/filepath"
)

// WritePrivate creates or replaces a file atomically: readers see either the old text or the new one. Only its owner can
// read it at any time.
func WritePrivate(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-") // creates it with mode 0600
	if err != nil {
		return plain(err)
	}

	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
