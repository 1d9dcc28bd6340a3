package kafka

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// frame returns a batch that a client may send: the header and the checksum are valid, the rest is anything.
func frame(first int64, attrs uint16, delta, count int32, payload []byte) []byte {
	b := make([]byte, headerSize, headerSize+len(payload))
	b = append(b, payload...)
	binary.BigEndian.PutUint64(b, uint64(first))
	binary.BigEndian.PutUint32(b[atLength:], uint32(len(b)-atLength-4))
	b[atMagic] = batchFormat
	binary.BigEndian.PutUint16(b[atAttrs:], attrs)
	binary.BigEndian.PutUint32(b[atLastDelta:], uint32(delta))
	binary.BigEndian.PutUint32(b[atCount:], uint32(count))
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttrs:], castagnoli))
	return b
}

// visited checks what must hold for any content of a partition: reading continues after it, in order.
func visited(t *testing.T, f *Fetcher, batches []byte, from int64) (records int) {
	t.Helper()
	got := &Fetched{Partition: Partition{Next: from}, batches: batches, aborted: map[int64][]int64{}}
	at := from
	next, err := f.Visit(got, func(r Record) bool {
		if r.Offset < at {
			t.Fatalf("a record at %d comes after one at %d", r.Offset, at-1)
		}
		at = r.Offset + 1
		records++
		_, _ = r.Header("member_id")
		return true
	}, func(b BadBatch) bool {
		if b.Last < b.First || b.Last < from {
			t.Fatalf("bad batch %+v, read from %d", b, from)
		}
		_ = b.Error()
		return true
	})
	if next < at || (err == nil && len(batches) > 0 && next == from) {
		t.Fatalf("read on from %d after %d, error %v", next, at, err)
	}
	return records
}

func FuzzBatchPayload(f *testing.F) {
	record := []byte{14, 0, 0, 0, 1, 1, 0, 0}
	f.Add(uint8(0), int32(0), int32(1), record)
	for codec := range 5 {
		f.Add(uint8(codec), int32(0), int32(1), packed(f, codec, record))
		f.Add(uint8(codec), int32(2), int32(3), []byte("nineteen bytes of x"))
	}
	f.Add(uint8(4), int32(0), int32(1), packed(f, 4, make([]byte, 2*MaxBatch)))
	f.Add(uint8(2), int32(0), int32(1), append(bytes.Clone(xerial), 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff))
	fetcher := NewFetcher(nil)
	f.Fuzz(func(t *testing.T, attrs uint8, delta, count int32, payload []byte) {
		one := frame(10, uint16(attrs), delta, count, payload)
		n := visited(t, fetcher, append(one, frame(1<<40, 0, 0, 1, record)...), 10)
		if attrs&(transactional|control) == 0 && n < 1 {
			t.Fatal("the batch behind it was not read")
		}
	})
}

func FuzzBatches(f *testing.F) {
	f.Add(frame(0, 0, 0, 1, []byte{14, 0, 0, 0, 1, 1, 0, 0}))
	f.Add(frame(0, 4, 2, 3, []byte("nineteen bytes of x")))
	f.Add(bytes.Repeat([]byte{0xff}, 100))
	f.Add(make([]byte, 100))
	fetcher := NewFetcher(nil)
	f.Fuzz(func(t *testing.T, batches []byte) {
		got := &Fetched{Partition: Partition{Next: 5}, batches: batches, aborted: map[int64][]int64{0: {0}}}
		next, _ := fetcher.Visit(got, func(Record) bool { return true }, func(BadBatch) bool { return true })
		if next < 5 {
			t.Fatalf("read on from %d, before 5", next)
		}
	})
}

func packed(t testing.TB, codec int, records []byte) []byte {
	t.Helper()
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	if codec == codecNone {
		return records
	}
	c, err := kgo.DefaultCompressor(codecs[codec])
	if err != nil {
		t.Fatal(err)
	}
	out, _ := c.Compress(new(bytes.Buffer), records)
	return bytes.Clone(out)
}

func TestEveryCodecIsRead(t *testing.T) {
	var records []byte
	for i := range 50 {
		records = append(records, 14, 0, 0, byte(2*i), 1, 1, 0, 0)
	}
	fetcher := NewFetcher(nil)
	for codec := range 5 {
		if n := visited(t, fetcher, frame(10, uint16(codec), 49, 50, packed(t, codec, records)), 12); n != 48 {
			t.Errorf("codec %d: %d records from offset 12 on, want 48", codec, n)
		}
		large := packed(t, codec, make([]byte, MaxBatch+1))
		if _, err := fetcher.decompressor.decompress(large, codec); codec > 0 && err != ErrTooLarge { //nolint:errorlint // it is not wrapped
			t.Errorf("codec %d: a batch above the bound: %v", codec, err)
		}
		fits := packed(t, codec, make([]byte, MaxBatch))
		if got, err := fetcher.decompressor.decompress(fits, codec); err != nil || len(got) != MaxBatch {
			t.Errorf("codec %d: a batch at the bound: %d bytes, %v", codec, len(got), err)
		}
	}
}

// However often and wherever a visit is stopped, each record and each bad batch is visited once.
func TestAVisitThatIsStoppedGoesOnWhereItStood(t *testing.T) {
	var batches []byte
	offset := int64(0)
	for codec := range 5 {
		var records []byte
		for i := range 7 {
			records = append(records, 14, 0, 0, byte(2*i), 1, 1, 0, 0)
		}
		batches = append(batches, frame(offset, uint16(codec), 6, 7, packed(t, codec, records))...)
		batches = append(batches, frame(offset+7, uint16(codec), 6, 7, records[:20])...) // at most two whole records, then damage
		offset += 20
	}
	fetcher := NewFetcher(nil)
	read := func(most int) (seen []int64) {
		got := &Fetched{batches: batches}
		for {
			taken := 0
			stop := func(what int64) bool {
				if taken == most {
					return false
				}
				taken++
				seen = append(seen, what)
				return true
			}
			next, err := fetcher.Visit(got, func(r Record) bool { return stop(r.Offset) }, func(b BadBatch) bool { return stop(-b.Last) })
			if err != nil {
				t.Fatal(err)
			}
			if taken == 0 {
				return seen
			}
			if next < got.Next || next > offset {
				t.Fatalf("read on from %d after %d", next, got.Next)
			}
			got.Next = next
			if next == offset-6 { // after the last batch, nothing is left to fetch
				return seen
			}
		}
	}
	all := read(1 << 30)
	for most := 1; most < 10; most++ {
		if got := read(most); !slices.Equal(got, all) {
			t.Errorf("stopped after every %d:\n%v\nat once:\n%v", most, got, all)
		}
	}
}
