package kafkatest

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Batch is a record batch that no library would send: its header need not match its records.
type Batch struct {
	Codec   int16  // 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
	Records []byte // compressed by that codec, as the header claims
	Count   int32
	Time    time.Time
}

// Encode returns the encoded batch.
func (b Batch) Encode() []byte {
	batch := kmsg.NewRecordBatch()
	batch.PartitionLeaderEpoch = -1
	batch.Magic = 2
	batch.Attributes = b.Codec
	batch.FirstTimestamp = b.Time.UnixMilli()
	batch.MaxTimestamp = b.Time.UnixMilli()
	batch.ProducerID = -1
	batch.ProducerEpoch = -1
	batch.FirstSequence = -1
	batch.NumRecords = b.Count
	batch.LastOffsetDelta = b.Count - 1
	batch.Records = b.Records
	batch.Length = int32(len(batch.AppendTo(nil)) - 12)
	batch.CRC = int32(crc32.Checksum(batch.AppendTo(nil)[21:], crc32.MakeTable(crc32.Castagnoli)))
	return batch.AppendTo(nil)
}

// WireRecord returns an encoded record of a Batch, at an offset of delta after the first.
func WireRecord(delta int, key, value []byte, headers ...kgo.RecordHeader) []byte {
	r := kmsg.NewRecord()
	r.OffsetDelta = int32(delta)
	r.Key = key
	r.Value = value
	for _, h := range headers {
		r.Headers = append(r.Headers, kmsg.Header{Key: h.Key, Value: h.Value})
	}

	r.Length = int32(len(r.AppendTo(nil)) - 1) // the length 0 takes one byte
	return r.AppendTo(nil)
}

// Compress compresses records with one of the library's codecs.
func Compress(t testing.TB, codec kgo.CompressionCodec, records []byte) []byte {
	t.Helper()
	c, err := kgo.DefaultCompressor(codec)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := c.Compress(new(bytes.Buffer), records)
	return out
}

// Bomb returns a batch of one record with a key and mib MiB of zeros, which zstd compresses to some 35 bytes per MiB.
// It is compressed piece by piece, so that a measurement of memory does not include the test's own.
func Bomb(t testing.TB, mib int) Batch {
	t.Helper()
	body := []byte{0, 0, 0, 2, 'k'} // attributes, time, offset, and the key after its length
	body = binary.AppendVarint(body, int64(mib)<<20)
	head := binary.AppendVarint(nil, int64(len(body))+int64(mib)<<20+1)

	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}

	zeros := make([]byte, 1<<20)
	for _, piece := range slices.Concat([][]byte{head, body}, slices.Repeat([][]byte{zeros}, mib), [][]byte{{0}}) {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}

	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return Batch{Codec: 4, Count: 1, Time: time.Now(), Records: out.Bytes()}
}

// ProduceBatch sends a batch with a client.
func (c *Cluster) ProduceBatch(t testing.TB, client *kgo.Client, topic string, partition int32, b Batch) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req := kmsg.NewPtrProduceRequest()
	req.Acks = -1
	req.TimeoutMillis = 10_000
	rt := kmsg.NewProduceRequestTopic()
	rt.Topic = topic
	rt.TopicID = c.topicID(ctx, t, client, topic)
	rp := kmsg.NewProduceRequestTopicPartition()
	rp.Partition = partition
	rp.Records = b.Encode()
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode)
}

func (c *Cluster) topicID(ctx context.Context, t testing.TB, client *kgo.Client, name string) [16]byte {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Topics[0].TopicID
}
