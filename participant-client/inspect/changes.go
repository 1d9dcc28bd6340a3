package inspect

import "time"

// A change is what a watch marks in a line.
type change string

const (
	noChange change = ""
	newOwner change = "owner"   // the line has another member than before, or is new
	moved    change = "offsets" // another column has another value
)

// sign returns the change's mark, which needs no colours.
func (c change) sign() string {
	switch c {
	case newOwner:
		return "*"
	case moved:
		return "+"
	}
	return " "
}

// A mark stays for at least this many looks and this much time, so that people see it.
const (
	markLooks = 3
	markFor   = 5 * time.Second
)

// changes finds what changed between looks.
type changes struct {
	last  map[string]line // by key; nil before the first look, which has nothing to compare with
	marks map[string]*mark
}

type mark struct {
	change change
	at     time.Time
	looks  int // that have shown it
}

// update compares a table with the last one and returns the mark of each line. A new owner stays marked while offsets move.
func (c *changes) update(now time.Time, t table) []change {
	if c.marks == nil {
		c.marks = map[string]*mark{}
	}

	out := make([]change, len(t.lines))
	current := map[string]line{}
	for i, l := range t.lines {
		current[l.key] = l
		m := c.mark(now, l)
		if m != nil {
			m.looks++
			out[i] = m.change
		}
	}
	c.last = current
	return out
}

// mark returns a line's mark, nil if it has none.
func (c *changes) mark(now time.Time, l line) *mark {
	old := c.marks[l.key]
	if old != nil && old.looks >= markLooks && now.Sub(old.at) >= markFor {
		delete(c.marks, l.key)
		old = nil
	}

	found := c.find(l)
	if found == noChange || (found == moved && old != nil && old.change == newOwner) {
		return old
	}
	c.marks[l.key] = &mark{change: found, at: now}
	return c.marks[l.key]
}

func (c *changes) find(l line) change {
	if c.last == nil {
		return noChange
	}

	before, known := c.last[l.key]
	if !known || before.member != l.member {
		return newOwner
	}
	for i := range l.cells {
		if i >= len(before.cells) || before.cells[i] != l.cells[i] {
			return moved
		}
	}
	return noChange
}
