package report

import "unicode/utf8"

// appendEscaped appends text and escapes everything that does not print in its place.
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

// isActive reports whether a rune beyond ASCII does more than print: C1 controls, line separators, and characters that
// change the writing direction.
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

// appendJSON appends text as a JSON string. Nil is null, and bytes that are not UTF-8 become U+FFFD. Characters that do
// more than print are escaped, which means the same in JSON.
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
