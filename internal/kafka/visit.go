package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A BadBatch is a record batch that cannot be read. No consumer can get its records.
type BadBatch struct {
	First, Last int64 // its offsets
	Err         error
}

func (b BadBatch) Error() string {
	if b.First == b.Last {
		return fmt.Sprintf("the record batch at offset %d cannot be read: %v", b.First, b.Err)
	}
	return fmt.Sprintf("the record batch at offsets %d to %d cannot be read: %v", b.First, b.Last, b.Err)
}

// Empty reports whether there is nothing to visit.
func (g *Fetched) Empty() bool { return len(g.batches) == 0 }

var errNoProgress = errors.New("the broker sent no complete record batch")

// Visit calls record for every record from Next on, in order, and bad for every batch that cannot be read, until one of
// them returns false: that record or batch is left for later. It returns the next offset to read, which is after bad
// batches, control records, aborted transactions and compacted records. It may stop before the end of the response, so
// that each partition gets its turn.
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

// visit visits one batch. It returns how many bytes were decompressed and the next offset to read.
func (f *Fetcher) visit(b batch, aborted map[int64][]int64, next int64, record func(Record) bool, bad func(BadBatch) bool) (n int, reached int64, ok bool) {
	after := b.last + 1
	var unpacked []byte
	err := b.err
	if err == nil {
		unpacked, err = f.decompressor.decompress(b.packed, b.attrs&7)
	}

	switch {
	case err == nil && b.attrs&control != 0:
		b.endTransaction(unpacked, aborted)
		return len(unpacked), after, true
	case err == nil && b.isAborted(aborted):
		return len(unpacked), after, true
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

			reached++ // records that were visited count even if the rest of the batch is damaged
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
		n = MaxBatch // this much of it was decompressed
	}
	return n, after, true
}

// isAborted reports whether the batch belongs to an aborted transaction.
func (b batch) isAborted(aborted map[int64][]int64) bool {
	first := aborted[b.producer]
	return b.attrs&transactional != 0 && len(first) > 0 && b.first >= first[0]
}

// endTransaction handles a control batch: the marker of an abort ends the producer's first aborted transaction.
func (b batch) endTransaction(unpacked []byte, aborted map[int64][]int64) {
	first := aborted[b.producer]
	if b.attrs&transactional == 0 || len(first) == 0 || b.last < first[0] {
		return
	}

	_, _ = b.records(unpacked, func(r Record) bool { // a damaged control batch ends no transaction
		// The key is the marker's version and type, 2 bytes each; type 0 is an abort.
		if len(r.Key) >= 4 && binary.BigEndian.Uint16(r.Key[2:]) == 0 {
			aborted[b.producer] = first[1:]
		}
		return false
	})
}
