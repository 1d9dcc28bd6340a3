// Package textfile reads small text files in the encodings and with the line ends that editors and
// spreadsheets write, and replaces private files atomically. The meaning of the text is up to the caller.
package textfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxSize is the maximum size of a file, in bytes. A roster with the maximum number of teams has 200 KB.
const MaxSize = 4 << 20

// Lines returns the lines of a file without their ends. The error names the file once.
func Lines(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plain(err)
	}

	defer f.Close()

	raw, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, plain(err)
	}
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("%s: larger than %d MiB: is it the right file?", name, MaxSize>>20)
	}

	lines, err := Split(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return lines, nil
}

// Split decodes text and splits it into lines, which may end with LF, CRLF or CR. It drops a byte order mark.
// It recognizes UTF-16 by its byte order mark, or by zero bytes, which other text does not contain. Anything
// else is treated as UTF-8 without a check: utf8.ValidString tells a caller which line is invalid.
func Split(raw []byte) ([]string, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}

	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines, nil
}

var (
	errCut  = errors.New("the file ends in the middle of a character: save it again as UTF-8")
	errText = errors.New("this is no text file: save it as text in UTF-8")
)

func decode(raw []byte) (string, error) {
	order := byteOrder(raw)
	if order == nil {
		raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
		if bytes.IndexByte(raw, 0) >= 0 {
			return "", errText
		}
		return string(raw), nil
	}

	if len(raw)%2 != 0 {
		return "", errCut
	}

	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		units = append(units, order.Uint16(raw[i:]))
	}

	text := strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff")
	if strings.ContainsRune(text, 0) || strings.ContainsRune(text, utf8.RuneError) {
		return "", errText // UTF-32, or not text at all
	}
	return text, nil
}

// byteOrder returns the byte order of UTF-16, or nil for other text.
func byteOrder(raw []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return binary.BigEndian
	case len(raw) >= 2 && raw[0] == 0 && raw[1] != 0:
		return binary.BigEndian
	case len(raw) >= 2 && raw[0] != 0 && raw[1] == 0:
		return binary.LittleEndian
	}
	return nil
}

// plain removes the system call's name from an error of the os package.
func plain(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}
