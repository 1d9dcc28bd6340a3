package cli

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
)

// ClosedPipe reports an error of writing to a pipe that nobody reads any more, as after | head -3. For a program that
// prints, that is a normal end. An error of a network connection is none of these.
func ClosedPipe(err error) bool {
	if errors.Is(err, io.ErrClosedPipe) {
		return true
	}

	var file *fs.PathError
	if !errors.As(err, &file) || file.Op != "write" {
		return false
	}
	return errors.Is(file, syscall.EPIPE) || strings.Contains(file.Err.Error(), "pipe is being closed") // as Windows says
}
