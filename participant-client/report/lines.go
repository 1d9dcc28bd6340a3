package report

import (
	"strconv"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A formatter appends a record's line, newline included.
type formatter func(line []byte, instance int, r *kgo.Record) []byte

// AppendLine appends a record's line: new_users:1:42 key=- <value>. A null key is "-" and a null value "null". Control
// characters, characters that change the writing direction, and bytes that are not UTF-8 are escaped: a record is always one
// line, and can't affect a terminal or the text beside it.
func AppendLine(line []byte, r *kgo.Record) []byte {
	line = append(line, r.Topic...)
	line = append(line, ':')
	line = strconv.AppendInt(line, int64(r.Partition), 10)
	line = append(line, ':')
	line = strconv.AppendInt(line, r.Offset, 10)
	line = append(line, " key="...)
	line = appendKey(line, r.Key)
	line = append(line, ' ')
	if r.Value == nil {
		line = append(line, "null"...)
	} else {
		line = appendEscaped(line, r.Value)
	}
	return append(line, '\n')
}

// demoLine formats records as the rebalancing lesson shows them.
func demoLine(group string) formatter {
	return func(line []byte, _ int, r *kgo.Record) []byte {
		line = append(line, '[')
		line = append(line, group...)
		line = append(line, "] Received "...)
		line = appendEscaped(line, r.Value)
		line = append(line, " from partition "...)
		line = strconv.AppendInt(line, int64(r.Partition), 10)
		line = append(line, ", key="...)
		line = appendKey(line, r.Key)
		return append(line, '\n')
	}
}

func appendKey(line, key []byte) []byte {
	if key == nil {
		return append(line, '-')
	}
	return appendEscaped(line, key)
}

// appendEscaped appends text with everything escaped that does not print in its place.
func appendEscaped(line, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if prints[c] {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRune(text[i:])
			if (r != utf8.RuneError || size > 1) && !isActive(r) {
				i += size
				continue
			}
		}
		line = append(line, text[start:i]...)
		for _, b := range text[i : i+size] {
			line = appendControl(line, b)
		}
		i += size
		start = i
	}
	return append(line, text[start:]...)
}

// isActive reports a rune beyond ASCII that does not just print: C1 controls, line separators, and characters that change the
// writing direction.
func isActive(r rune) bool {
	switch {
	case r <= 0x9f, r == 0x061c, r == 0x200e, r == 0x200f, r == 0xfeff:
		return true
	case r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// prints marks the bytes that need no escaping: ASCII without its control characters.
var prints = func() (out [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		out[c] = true
	}
	return out
}()

const hex = "0123456789abcdef"

func appendControl(line []byte, b byte) []byte {
	switch b {
	case '\n':
		return append(line, '\\', 'n')
	case '\r':
		return append(line, '\\', 'r')
	case '\t':
		return append(line, '\\', 't')
	}
	return append(line, '\\', 'x', hex[b>>4], hex[b&15])
}

// jsonLine formats a record as the JSON event "record".
func jsonLine(line []byte, instance int, r *kgo.Record) []byte {
	line = append(line, `{"event":"record","instance":`...)
	line = strconv.AppendInt(line, int64(instance), 10)
	line = append(line, `,"topic":`...)
	line = appendJSON(line, []byte(r.Topic))
	line = append(line, `,"partition":`...)
	line = strconv.AppendInt(line, int64(r.Partition), 10)
	line = append(line, `,"offset":`...)
	line = strconv.AppendInt(line, r.Offset, 10)
	line = append(line, `,"key":`...)
	line = appendJSON(line, r.Key)
	line = append(line, `,"value":`...)
	line = appendJSON(line, r.Value)
	for i, h := range r.Headers {
		if i == 0 {
			line = append(line, `,"headers":[`...)
		} else {
			line = append(line, ',')
		}
		line = append(line, `{"key":`...)
		line = appendJSON(line, []byte(h.Key))
		line = append(line, `,"value":`...)
		line = appendJSON(line, h.Value)
		line = append(line, '}')
		if i == len(r.Headers)-1 {
			line = append(line, ']')
		}
	}
	return append(line, '}', '\n')
}

// appendJSON appends text as a JSON string. Nil is null, and bytes that are not UTF-8 become U+FFFD. What does not just print
// is escaped, which means the same in JSON.
func appendJSON(line, text []byte) []byte {
	if text == nil {
		return append(line, "null"...)
	}
	line = append(line, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if prints[c] && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		r := utf8.RuneError
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
			if (r != utf8.RuneError || size > 1) && !isActive(r) {
				i += size
				continue
			}
		}
		line = append(line, text[start:i]...)
		switch {
		case c == '"' || c == '\\':
			line = append(line, '\\', c)
		case c >= utf8.RuneSelf:
			line = append(line, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15]) // U+FFFD for a byte that is not UTF-8
		case c == '\n':
			line = append(line, '\\', 'n')
		case c == '\r':
			line = append(line, '\\', 'r')
		case c == '\t':
			line = append(line, '\\', 't')
		default:
			line = append(line, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i += size
		start = i
	}
	line = append(line, text[start:]...)
	return append(line, '"')
}
