package report

import (
	"context"
	"io"
	"sync"
	"time"
)

const (
	bufferSize = 256 << 10
	flushEvery = 100 * time.Millisecond
)

// A writer buffers the lines of many members and writes them when the buffer is full, or every 100 ms. After a write that
// failed, as to a closed pipe, it drops everything.
type writer struct {
	out  io.Writer
	gone func(error) // called with the error of the first write that failed

	mu  sync.Mutex // guards what follows
	buf []byte
	err error
}

func newWriter(out io.Writer, gone func(error)) *writer {
	return &writer{out: out, gone: gone, buf: make([]byte, 0, bufferSize+64<<10)}
}

// add lets fill append whole lines to the buffer.
func (w *writer) add(fill func([]byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = fill(w.buf)
	if len(w.buf) >= bufferSize {
		w.flush()
	}
}

// flush writes the buffer; the caller holds the lock.
func (w *writer) flush() {
	if len(w.buf) == 0 {
		return
	}
	if w.err == nil {
		if _, w.err = w.out.Write(w.buf); w.err != nil {
			w.gone(w.err)
		}
	}
	if cap(w.buf) > 4*bufferSize {
		w.buf = make([]byte, 0, bufferSize) // after a huge record
	}
	w.buf = w.buf[:0]
}

// Flush writes the buffer. It returns the error of the first write that failed, since when nothing has been written.
func (w *writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	return w.err
}

// run flushes regularly until ctx ends.
func (w *writer) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = w.Flush() // gone gets its error
			return
		case <-tick.C:
			_ = w.Flush() // gone gets its error
		}
	}
}
