package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// noRoom says so when the folder's disk is full: when an error or a program's words tell, or when a page of
// PostgreSQL's size finds no place there. A full disk keeps the server's log empty. It is nil otherwise.
func noRoom(dir string, err error, said []byte) error {
	if !errors.Is(err, syscall.ENOSPC) && !bytes.Contains(said, []byte("No space left")) && !full(dir) {
		return nil
	}
	return fmt.Errorf("the disk with %s is full: make room there, or choose another folder", dir)
}

func full(dir string) bool {
	probe, err := os.CreateTemp(dir, ".room-")
	if err != nil {
		return errors.Is(err, syscall.ENOSPC)
	}
	defer func() { _ = os.Remove(probe.Name()) }() // nothing is in it

	_, err = probe.Write(make([]byte, 8192))
	if closing := probe.Close(); err == nil {
		err = closing
	}
	return errors.Is(err, syscall.ENOSPC)
}
