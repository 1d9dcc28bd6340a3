package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// diskFull returns an error if the folder's disk is full, and nil otherwise. Besides err and a program's output, it tries
// to write a page of PostgreSQL's size, because on a full disk the server's log stays empty.
func diskFull(dir string, err error, output []byte) error {
	if !errors.Is(err, syscall.ENOSPC) && !bytes.Contains(output, []byte("No space left")) && !isFull(dir) {
		return nil
	}
	return fmt.Errorf("the disk with %s is full: free some space, or choose another folder", dir)
}

func isFull(dir string) bool {
	probe, err := os.CreateTemp(dir, ".room-")
	if err != nil {
		return errors.Is(err, syscall.ENOSPC)
	}

	defer func() { _ = os.Remove(probe.Name()) }() // a file that stays is empty

	_, err = probe.Write(make([]byte, 8192))
	if closeErr := probe.Close(); err == nil {
		err = closeErr
	}
	return errors.Is(err, syscall.ENOSPC)
}
