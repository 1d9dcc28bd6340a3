package publish

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"kafka-workshop/internal/workshop"
)

// A line is one line of the input. A problem says why it has no text.
type line struct {
	number  int64 // from 1
	text    []byte
	problem string
}

// readLines reads lines until the reader or ctx ends. It skips empty ones, and never holds more of a long one than a
// record may have.
func readLines(ctx context.Context, from io.Reader) <-chan line {
	out := make(chan line)
	go func() {
		defer close(out)
		in := bufio.NewReaderSize(from, workshop.MaxValue+2) // with the line's end
		for number := int64(1); ; number++ {
			next, err := readLine(in)
			next.number = number
			if len(next.text) > 0 || next.problem != "" {
				select {
				case out <- next:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}

// readLine reads one line; the last one need not end. An error means that there are no more; one that is not io.EOF is
// a problem of the line.
func readLine(in *bufio.Reader) (line, error) {
	part, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		l := line{text: bytes.Clone(bytes.TrimSpace(part))}
		if err != nil && !errors.Is(err, io.EOF) {
			l.problem = fmt.Sprintf("cannot read the input: %v", err)
		}
		return l, err
	}

	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	return line{problem: fmt.Sprintf("it has more than %d bytes", workshop.MaxValue)}, err
}
