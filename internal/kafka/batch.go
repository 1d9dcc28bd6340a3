package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// A Record is one record of a batch. Its bytes are only valid until the visiting function returns.
type Record struct {
	Offset    int64
	Timestamp time.Time // set by the producer, or by the broker for LogAppendTime
	Key       []byte    // nil for none
	Value     []byte    // nil for none

	headers []byte // encoded; Header parses them
	count   int
}

// Header returns the value of the last header with the key.
func (r Record) Header(key string) (value string, ok bool) {
	in := wire{left: r.headers}
	for range r.count {
		name := in.bytes()
		got := in.bytes()
		if in.short {
			return value, ok
		}
		if string(name) == key {
			value, ok = string(got), true
		}
	}

	return value, ok
}

// Offsets in the header of a record batch of format 2.
const (
	atLength    = 8
	atMagic     = 16
	atCRC       = 17
	atAttrs     = 21
	atLastDelta = 23
	atFirstTime = 27
	atMaxTime   = 35
	atProducer  = 43
	atCount     = 57
	headerSize  = 61
	batchFormat = 2
)

// Bits of a batch's attributes above the codec's three.
const (
	appendTime    = 1 << 3
	transactional = 1 << 4
	control       = 1 << 5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errTruncated = errors.New("the record is truncated")
	errOrder     = errors.New("its offsets are out of order")
)

// A batch is one record batch. It refers to the memory of the response.
type batch struct {
	first, last int64
	attrs       int
	firstTime   int64
	maxTime     int64
	producer    int64
	count       int
	packed      []byte
	err         error // why it cannot be read
}

// nextBatch parses the first batch of in and returns the rest. ok is false at the end, and if the last batch
// is truncated by the limit of the fetch. A batch whose content cannot be read still has its offsets.
func nextBatch(in []byte) (b batch, rest []byte, ok bool) {
	if len(in) <= atMagic {
		return b, in, false
	}

	length := int64(binary.BigEndian.Uint32(in[atLength:])) + atLength + 4
	if length <= atMagic || length > int64(len(in)) {
		return b, in, false
	}

	all := in[:length]
	rest = in[length:]
	b.first = int64(binary.BigEndian.Uint64(all))
	b.last = b.first
	switch {
	case all[atMagic] != batchFormat:
		b.err = fmt.Errorf("format %d is older than Kafka 0.11, or unknown", all[atMagic])
		return b, rest, true
	case len(all) < headerSize:
		b.err = errTruncated
		return b, rest, true
	}

	b.attrs = int(binary.BigEndian.Uint16(all[atAttrs:]))
	b.last += max(int64(int32(binary.BigEndian.Uint32(all[atLastDelta:]))), 0)
	b.firstTime = int64(binary.BigEndian.Uint64(all[atFirstTime:]))
	b.maxTime = int64(binary.BigEndian.Uint64(all[atMaxTime:]))
	b.producer = int64(binary.BigEndian.Uint64(all[atProducer:]))
	b.count = int(int32(binary.BigEndian.Uint32(all[atCount:])))
	b.packed = all[headerSize:]
	if crc32.Checksum(all[atAttrs:], castagnoli) != binary.BigEndian.Uint32(all[atCRC:]) {
		b.err = errors.New("its checksum is wrong")
	}
	return b, rest, true
}

// records calls visit for every record of the decompressed batch until visit returns false; ok is false then.
// It allocates nothing for a record: a batch of 8 MiB can contain a million of them.
func (b batch) records(unpacked []byte, visit func(Record) bool) (ok bool, err error) {
	in := wire{left: unpacked}
	previous := int64(-1)
	for range b.count {
		r, delta, err := b.record(in.bytes())
		if err != nil {
			return true, err
		}

		if delta <= previous || delta > b.last-b.first {
			return true, errOrder
		}

		previous = delta
		if !visit(r) {
			return false, nil
		}
	}

	if b.count < 0 {
		return true, errTruncated
	}
	return true, nil
}

func (b batch) record(body []byte) (r Record, delta int64, err error) {
	if len(body) == 0 {
		return r, 0, errTruncated
	}

	in := wire{left: body[1:]} // after the record's attributes, which are unused
	ms := in.varint()
	delta = in.varint()
	r.Key = in.bytes()
	r.Value = in.bytes()
	count := in.varint()
	if in.short || count < 0 || count > int64(len(in.left)) { // a header has at least two bytes
		return r, 0, errTruncated
	}

	r.headers = in.left
	r.count = int(count)
	r.Offset = b.first + delta
	r.Timestamp = time.UnixMilli(b.firstTime + ms)
	if b.attrs&appendTime != 0 {
		r.Timestamp = time.UnixMilli(b.maxTime)
	}
	return r, delta, nil
}

// A wire parses encoded values. Once a value does not fit into what is left, short is set and all values are zero.
type wire struct {
	left  []byte
	short bool
}

func (w *wire) varint() int64 {
	v, n := binary.Varint(w.left)
	if n <= 0 || w.short {
		w.short = true
		return 0
	}
	w.left = w.left[n:]
	return v
}

// bytes returns a length-prefixed byte slice, or nil for the length -1.
func (w *wire) bytes() []byte {
	n := w.varint()
	if n < -1 || n > int64(len(w.left)) {
		w.short = true
	}
	if w.short || n == -1 {
		return nil
	}

	out := w.left[:n:n]
	w.left = w.left[n:]
	return out
}
