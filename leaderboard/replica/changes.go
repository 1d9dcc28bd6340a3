package replica

import (
	"fmt"
	"hash/maphash"
	"time"

	"kafka-workshop/leaderboard/game"
)

// A record is a part with its key.
type record struct {
	key   string
	value []byte
}

// A written view holds digests of the parts that the topic contains.
type written struct {
	lesson string
	seed   maphash.Seed
	parts  map[string]uint64
}

func newWritten(lesson string) *written {
	return &written{lesson: lesson, seed: maphash.MakeSeed(), parts: map[string]uint64{}}
}

// changes returns the parts that have changed since they were written, and the board last. It checks what grows during a
// round only if grown is set.
func (w *written) changes(b game.Board, term int64, now time.Time, grown bool) []record {
	var out []record
	for _, t := range b.Teams {
		out = w.add(out, rowKey(t.Team), encode(newRowPart(t)))
		if grown {
			out = w.add(out, logKey(t.Team), encode(newLogPart(t)))
			out = w.addEnded(out, t)
		}
	}
	return append(out, record{w.lesson + "/" + boardKey, encode(newBoardPart(b, term, now))})
}

func (w *written) add(out []record, part string, value []byte) []record {
	if !w.update(part, maphash.Bytes(w.seed, value)) {
		return out
	}
	return append(out, record{w.lesson + "/" + part, value})
}

// addEnded adds blocks of spans. Ended spans no longer change, so a block's length and last span identify its content.
func (w *written) addEnded(out []record, t game.Team) []record {
	all := t.History.Ended
	for block := 0; block*blockSpans < len(all); block++ {
		spans := all[block*blockSpans : min((block+1)*blockSpans, len(all))]
		last := spans[len(spans)-1]
		part := endedKey(t.Team, block)
		if w.update(part, maphash.String(w.seed, fmt.Sprint(len(spans), last.Round, last.Partition, last.From.UnixMilli()))) {
			out = append(out, record{w.lesson + "/" + part, encode(convert(spans, newSpanPart))})
		}
	}
	return out
}

// update stores the digest of a part and reports whether it has changed.
func (w *written) update(part string, sum uint64) bool {
	if old, known := w.parts[part]; known && old == sum {
		return false
	}
	w.parts[part] = sum
	return true
}
