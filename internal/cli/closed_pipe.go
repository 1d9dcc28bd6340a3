package cli

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
)

// ClosedPipe reports whether err is an error of writing to a pipe that nobody reads any more, as after | head -3. For a
// program that prints, that is a normal end. Errors of network connections do not count.
func ClosedPipe(err error) bool {
	if errors.Is(err, io.ErrClosedPipe) {
		return true
	}

	var file *fs.PathError
	if !errors.As(err, &file) || file.Op != "write" {
		return false
	}
	return errors.Is(file, syscall.EPIPE) || strings.Contains(file.Err.Error(), "pipe is being closed") // the error's text on Windows
}
