package truth

import (
	"errors"
	"fmt"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// An again is one record that a process read a second time.
type again struct {
	at        time.Time // of the second time
	partition int32
	offset    int64
}

// readTwice lists what a process read again, from what it passed to its sink.
func (w *witness) readTwice() []again {
	type record struct {
		partition int32
		offset    int64
	}
	seen := map[record]bool{}
	var out []again
	for _, r := range w.reads {
		for o := r.first; o < r.next; o++ {
			if seen[record{r.partition, o}] {
				out = append(out, again{r.at, r.partition, o})
			}
			seen[record{r.partition, o}] = true
		}
	}
	return out
}

// duplicates checks how many records were read twice, and why.
func duplicates(f *facts, w *witness, s story.Sentence) error {
	told, before := int64(0), int64(0) // up to this sentence, and before it
	for _, o := range w.said {
		if o.Kind == story.Duplicates && !o.Aside && !o.At.After(s.At) {
			before, told = told, told+o.Count
		}
	}
	if told-before != s.Count {
		return fmt.Errorf("it has told of %d records", told-before)
	}
	all, least := w.readTwice(), int64(0)
	var mine []again
	for i, a := range all {
		if a.at.Before(s.At.Add(-slack)) {
			least++
		}
		if int64(i) >= before && int64(i) < told {
			mine = append(mine, a)
		}
	}
	if told < least || int64(len(mine)) != s.Count || len(mine) > 0 && mine[len(mine)-1].at.After(s.At) {
		return fmt.Errorf("%d records were read twice up to then, of %d, and told of are %d", least, len(all), told)
	}

	for _, a := range mine {
		if err := f.checkCause(w, a, s.How); err != nil {
			return fmt.Errorf("P%d at %d: %w", a.partition, a.offset, err)
		}
	}
	return nil
}

// checkCause checks the reason for reading a record again.
func (f *facts) checkCause(w *witness, a again, how string) error {
	var since time.Time // when it was read first
	instance := 0
	for _, r := range w.reads {
		if r.partition == a.partition && r.first <= a.offset && a.offset < r.next && r.at.Before(a.at) {
			since, instance = r.at, r.instance
			break
		}
	}
	back, over := false, false
	looks := f.between(since, a.at)
	for i, l := range looks {
		back = back || i > 0 && l.commit(a.partition) < looks[i-1].commit(a.partition)
		over = over || l.commit(a.partition) > a.offset && !l.ended.After(a.at) // it had been committed
	}

	switch how {
	case member.Rewound:
		if !back {
			return errors.New("the group was not rewound")
		}
	case member.Crashed:
		if _, ok := marked(f.crashes, w.client(instance), a.at); !ok {
			return fmt.Errorf("%s did not crash", w.client(instance))
		}
		if over {
			return errors.New("it was committed before the crash")
		}
	case "":
		if back || over {
			return errors.New("it had been committed, and then the commit was set back")
		}
	default:
		return fmt.Errorf("no reason is called %q", how)
	}
	return nil
}
