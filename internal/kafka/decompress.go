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

// MaxBatch is the maximum size of a decompressed record batch, in bytes. By default clients send at most 1 MiB,
// but 35 KB of zstd can decompress to a gigabyte.
const MaxBatch = 8 << 20

// ErrTooLarge means that a batch decompresses to more than MaxBatch.
var ErrTooLarge = fmt.Errorf("unpacks to more than %d MiB", MaxBatch>>20)

// Codecs, the lowest three bits of a batch's attributes.
const (
	codecNone = iota
	codecGzip
	codecSnappy
	codecLZ4
	codecZstd
)

// A decompressor decompresses one batch at a time into a buffer that it reuses. It is not safe for concurrent use.
type decompressor struct {
	buf  []byte
	zstd *zstd.Decoder
	gzip gzip.Reader
	lz4  *lz4.Reader
}

func newDecompressor() *decompressor {
	z, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(MaxBatch))
	if err != nil {
		panic(fmt.Sprintf("zstd: %v", err)) // the options are constants
	}
	return &decompressor{zstd: z, lz4: lz4.NewReader(nil)}
}

// decompress returns the decompressed src. The result is valid until the next call.
func (u *decompressor) decompress(src []byte, codec int) (out []byte, err error) {
	// Anybody who may write to a topic feeds the decoders: a panic in one of them must not end the process.
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

// xerial begins the framing that the Java client uses for snappy: 8 bytes of versions follow, and then blocks, each after
// its length.
var xerial = []byte{130, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

var errSnappy = errors.New("snappy: damaged framing")

// unpackSnappy appends to dst. A block begins with its decompressed length, which is checked before memory is allocated.
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
