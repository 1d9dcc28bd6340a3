package kafka

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// MaxBatch is how many bytes a record batch may unpack to. Clients send at most 1 MiB a batch unless
// they are told otherwise; 35 KB of zstd can hold a gigabyte.
const MaxBatch = 8 << 20

// ErrTooLarge says that a batch unpacks to more than MaxBatch.
var ErrTooLarge = fmt.Errorf("unpacks to more than %d MiB", MaxBatch>>20)

// Codecs, as the lowest three bits of a batch's attributes name them.
const (
	codecNone = iota
	codecGzip
	codecSnappy
	codecLZ4
	codecZstd
)

// An unpacker decompresses one batch at a time into a buffer that it uses again. It is not safe for
// concurrent use.
type unpacker struct {
	buf  []byte
	zstd *zstd.Decoder
	gzip gzip.Reader
	lz4  *lz4.Reader
}

func newUnpacker() *unpacker {
	z, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(MaxBatch))
	if err != nil {
		panic(fmt.Sprintf("zstd: %v", err)) // the options are constants
	}
	return &unpacker{zstd: z, lz4: lz4.NewReader(nil)}
}

// unpack returns what src holds. The result is good until the next call.
func (u *unpacker) unpack(src []byte, codec int) (out []byte, err error) {
	// The decoders are fed by whoever may write to a topic: a panic in one of them must not end the process.
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("decompress: %v", r)
		}
	}()

	switch codec {
	case codecNone:
		return src, nil
	case codecGzip:
		if err := u.gzip.Reset(bytes.NewReader(src)); err != nil {
			return nil, err
		}
		u.buf, err = readBounded(u.buf, &u.gzip)
	case codecSnappy:
		u.buf, err = unpackSnappy(u.buf[:0], src)
	case codecLZ4:
		u.lz4.Reset(bytes.NewReader(src))
		u.buf, err = readBounded(u.buf, u.lz4)
	case codecZstd:
		u.buf, err = u.zstd.DecodeAll(src, u.buf[:0])
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			err = ErrTooLarge
		}
	default:
		return nil, fmt.Errorf("compression codec %d is unknown", codec)
	}
	if err != nil {
		return nil, err
	}
	return u.buf, nil
}

func readBounded(buf []byte, from io.Reader) ([]byte, error) {
	out := bytes.NewBuffer(buf[:0])
	n, err := out.ReadFrom(io.LimitReader(from, MaxBatch+1))
	if err == nil && n > MaxBatch {
		err = ErrTooLarge
	}
	return out.Bytes(), err
}

// xerial is how the Java client frames snappy: this, 8 bytes of versions, then blocks behind their lengths.
var xerial = []byte{130, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

var errSnappy = errors.New("snappy: damaged framing")

// unpackSnappy appends to dst. A block says first how long it is unpacked: that is checked before
// anything is allocated.
func unpackSnappy(dst, src []byte) ([]byte, error) {
	if !bytes.HasPrefix(src, xerial) || len(src) < 16 {
		return unpackBlock(dst, src)
	}

	for src = src[16:]; len(src) > 0; {
		if len(src) < 4 {
			return dst, errSnappy
		}
		size := binary.BigEndian.Uint32(src)
		src = src[4:]
		if uint64(size) > uint64(len(src)) {
			return dst, errSnappy
		}

		var err error
		if dst, err = unpackBlock(dst, src[:size]); err != nil {
			return dst, err
		}
		src = src[size:]
	}
	return dst, nil
}

func unpackBlock(dst, src []byte) ([]byte, error) {
	n, err := s2.DecodedLen(src)
	switch {
	case err != nil:
		return dst, err
	case n > MaxBatch-len(dst):
		return dst, ErrTooLarge
	}

	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	got, err := s2.Decode(dst[at:], src)
	if err == nil && len(got) != n {
		err = errSnappy
	}
	return dst, err
}
