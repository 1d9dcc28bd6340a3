package fault

import (
	"sync"
	"time"
)

// repeatAfter is how long a fault that was reported is not reported again.
const repeatAfter = 10 * time.Second

// Told stores which faults were reported, and when.
type Told struct {
	mu sync.Mutex // guards at
	at map[string]time.Time
}

// Again reports whether a fault was reported a short time ago, and otherwise stores it. It returns false for a fatal
// fault.
func (t *Told) Again(f Fault) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(t.at[f.Text]) < repeatAfter {
		return !f.Fatal
	}
	if t.at == nil {
		t.at = map[string]time.Time{}
	}
	t.at[f.Text] = now
	return false
}

// A Condition is what is wrong, or waited for, reported once until it ends or changes. The zero value means that all is well.
type Condition struct {
	mu    sync.Mutex // guards what follows
	text  string
	wrong bool
}

// A Change is what there is to report about a Condition.
type Change int

// The changes.
const (
	Nothing Change = iota
	Begun          // something is wrong or waited for, or something else than before
	Healed         // what was wrong is over
)

// Set sets the condition; an empty text means that all is well. The end of mere waiting is not reported.
func (c *Condition) Set(text string, wrong bool) Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, wasWrong := c.text, c.wrong
	c.text, c.wrong = text, wrong && text != ""
	switch {
	case text == before:
		return Nothing
	case text != "":
		return Begun
	case wasWrong:
		return Healed
	}
	return Nothing
}

// Wrong returns what is wrong now, or "".
func (c *Condition) Wrong() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong {
		return c.text
	}
	return ""
}

// Answers is printed when the cluster is Healed.
const Answers = "Kafka answers again."
