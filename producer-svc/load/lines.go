package load

import (
	"io"
	"sync"
)

// linesMost is how much text may wait for a slow reader of standard output before lines are left out.
const linesMost = 1 << 20

// Lines prints a line per record without ever holding up who adds them.
type Lines struct {
	mu    sync.Mutex
	text  []byte // waits to be written
	spare []byte
	wake  chan struct{}
}

// NewLines prepares; Write does the printing.
func NewLines() *Lines { return &Lines{wake: make(chan struct{}, 1)} }

// Add adds a record's line, unless too many wait.
func (l *Lines) Add(value, key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.text) > linesMost {
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

// Write writes to w what was added, until done closes; then the rest.
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
