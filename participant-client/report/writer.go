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

// A writer gathers lines of many members and writes them when there are many, or each 100 ms. After
// a first failed write, as into a pipe that was closed, it drops everything and writes nothing.
type writer struct {
	out  io.Writer
	gone func(error) // told of the first failed write

	mu  sync.Mutex
	buf []byte
	err error
}

func newWriter(out io.Writer, gone func(error)) *writer {
	return &writer{out: out, gone: gone, buf: make([]byte, 0, bufferSize+64<<10)}
}

// add lets fill append whole lines.
func (w *writer) add(fill func([]byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = fill(w.buf)
	if len(w.buf) >= bufferSize {
		w.flush()
	}
}

// flush writes what is there; the caller holds the lock.
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
		w.buf = make([]byte, 0, bufferSize) // a huge record is no reason to stay big
	}
	w.buf = w.buf[:0]
}

// Flush writes what is there. Its error is that of the first failed write, since which nothing was written.
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
			_ = w.Flush() // gone has its error
			return
		case <-tick.C:
			_ = w.Flush() // gone has its error
		}
	}
}
