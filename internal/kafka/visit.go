package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A BadBatch is a record batch that cannot be read: its records are lost to every consumer.
type BadBatch struct {
	First, Last int64 // the offsets that it takes up
	Err         error
}

func (b BadBatch) Error() string {
	if b.First == b.Last {
		return fmt.Sprintf("the record batch at offset %d cannot be read: %v", b.First, b.Err)
	}
	return fmt.Sprintf("the record batch at offsets %d to %d cannot be read: %v", b.First, b.Last, b.Err)
}

// Empty reports that a fetch brought nothing to visit.
func (g *Fetched) Empty() bool { return len(g.batches) == 0 }

var errNoProgress = errors.New("the broker sent no whole record batch")

// Visit hands on every record at or above Next, in order, and every batch that cannot be read, until
// one of the two returns false: that one is left for later. It returns the offset to read on from,
// which is behind bad batches, control records, aborted transactions and gaps of compaction too.
// It may stop before the end of what was fetched, so that each partition has its turn.
func (f *Fetcher) Visit(got *Fetched, record func(Record) bool, bad func(BadBatch) bool) (next int64, err error) {
	next = got.Next
	unpacked := 0
	for rest := got.batches; unpacked < visitBytes; {
		b, left, ok := nextBatch(rest)
		if !ok {
			if next == got.Next && len(got.batches) > 0 {
				return next, errNoProgress
			}
			return next, nil
		}
		rest = left
		if b.last < next {
			continue
		}

		n, reached, ok := f.visit(b, got.aborted, next, record, bad)
		unpacked += n
		next = reached
		if !ok {
			return next, nil
		}
	}
	return next, nil
}

// visit hands on one batch, and returns how many bytes it had and where to read on.
func (f *Fetcher) visit(b batch, aborted map[int64][]int64, next int64, record func(Record) bool, bad func(BadBatch) bool) (n int, reached int64, ok bool) {
	behind := b.last + 1
	var unpacked []byte
	err := b.err
	if err == nil {
		unpacked, err = f.unpack.unpack(b.packed, b.attrs&7)
	}
	switch {
	case err == nil && b.attrs&control != 0:
		b.endTransaction(unpacked, aborted)
		return len(unpacked), behind, true
	case err == nil && b.isAborted(aborted):
		return len(unpacked), behind, true
	}

	reached = next
	if err == nil {
		ok, err = b.records(unpacked, func(r Record) bool {
			if r.Offset < next {
				return true
			}
			reached = r.Offset
			if !record(r) {
				return false
			}
			reached++ // what was handed on stays so, also when the rest of the batch is damaged
			return true
		})
		if !ok {
			return len(unpacked), reached, false
		}
	}
	if err != nil && !bad(BadBatch{First: b.first, Last: b.last, Err: err}) {
		return len(unpacked), reached, false
	}

	n = max(len(unpacked), len(b.packed))
	if errors.Is(err, ErrTooLarge) {
		n = MaxBatch // so much of it was unpacked
	}
	return n, behind, true
}

// isAborted reports that the batch belongs to a transaction that was given up.
func (b batch) isAborted(aborted map[int64][]int64) bool {
	first := aborted[b.producer]
	return b.attrs&transactional != 0 && len(first) > 0 && b.first >= first[0]
}

// endTransaction takes in a control batch: the marker of an abort ends the producer's first one.
func (b batch) endTransaction(unpacked []byte, aborted map[int64][]int64) {
	first := aborted[b.producer]
	if b.attrs&transactional == 0 || len(first) == 0 || b.last < first[0] {
		return
	}
	_, _ = b.records(unpacked, func(r Record) bool { // a control batch that is damaged ends nothing
		// The key is the marker's version and type, 2 bytes each; type 0 is an abort.
		if len(r.Key) >= 4 && binary.BigEndian.Uint16(r.Key[2:]) == 0 {
			aborted[b.producer] = first[1:]
		}
		return false
	})
}
