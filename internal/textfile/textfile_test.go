package textfile_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"kafka-workshop/internal/textfile"
)

// wide encodes a text as UTF-16 without a byte order mark.
func wide(order binary.AppendByteOrder, text string) []byte {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = order.AppendUint16(raw, unit)
	}
	return raw
}

// The lines are the same whichever way an editor saves them.
func TestLinesAreReadAsAnyEditorSavesThem(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		for _, want := range [][]string{{"one", "", "d\u00f6ner \U0001f95a"}, {"only"}} {
			text := strings.Join(want, end)
			for _, text := range []string{text, text + end, "\ufeff" + text} {
				for how, raw := range map[string][]byte{
					"UTF-8": []byte(text), "UTF-16LE": wide(binary.LittleEndian, text), "UTF-16BE": wide(binary.BigEndian, text),
				} {
					got, err := textfile.Split(raw)
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("%s %q: %q, %v", how, text, got, err)
					}
				}
			}
		}
	}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	for what, raw := range map[string][]byte{
		"UTF-32":           {0xff, 0xfe, 0, 0, 'a', 0, 0, 0},
		"a zero":           []byte("ab\x00c"),
		"half a unit":      {0xff, 0xfe, 'a', 0, 'b'},
		"half a surrogate": {0xff, 0xfe, 0x00, 0xd8, 'a', 0},
		"an archive":       []byte("PK\x03\x04\x14\x00\x06\x00"),
	} {
		if got, err := textfile.Split(raw); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func TestAFileIsNamedOnce(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, textfile.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(dir, "none"), dir, big} {
		_, err := textfile.Lines(name)
		if err == nil || strings.Count(err.Error(), name) != 1 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
