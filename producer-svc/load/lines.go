package load

import (
	"io"
	"sync"
)

// maxPending is how many bytes wait for a slow reader of standard output before lines are skipped.
const maxPending = 1 << 20

// Lines prints a line per record. Add never waits for the output.
type Lines struct {
	mu   sync.Mutex // guards text
	text []byte     // not written yet

	spare []byte // the other buffer, of the goroutine in Write
	wake  chan struct{}
}

// NewLines returns Lines that are printed by Write.
func NewLines() *Lines { return &Lines{wake: make(chan struct{}, 1)} }

// Add adds a record's line, or skips it if too many are not written yet.
func (l *Lines) Add(value, key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.text) > maxPending {
		return
	}

	l.text = append(append(l.text, "Produced: "...), value...)
	l.text = append(l.text, " (key="...)
	if key == nil {
		l.text = append(l.text, '-')
	}
	l.text = append(append(l.text, key...), ")\n"...)
}

// Flush wakes the writer.
func (l *Lines) Flush() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Write writes added lines to w until done is closed, and then the remaining ones.
func (l *Lines) Write(w io.Writer, done <-chan struct{}) error {
	for {
		last := false
		select {
		case <-l.wake:
		case <-done:
			last = true
		}

		l.mu.Lock()
		l.text, l.spare = l.spare[:0], l.text
		l.mu.Unlock()

		if _, err := w.Write(l.spare); err != nil || last {
			return err
		}
	}
}
