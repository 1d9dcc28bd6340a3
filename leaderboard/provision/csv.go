package provision

import (
	"errors"
	"strings"
	"unicode"
)

// separators are the field separators that spreadsheets write, depending on the locale.
const separators = ",;\t"

// findSeparator returns the separator that a first line such as sep=; declares, or else the first separator in the file. The
// team's number comes before its name, so a comma in a name comes later.
func findSeparator(lines []string) (separator rune, declared bool) {
	if len(lines) > 0 {
		first := strings.Trim(strings.TrimFunc(lines[0], func(r rune) bool { return r == '\ufeff' || r == ' ' }), `"`)
		if rest, ok := strings.CutPrefix(strings.ToLower(first), "sep="); ok && len(rest) > 0 && strings.Contains(separators, rest[:1]) {
			return rune(rest[0]), true
		}
	}

	for _, line := range lines {
		if strings.HasPrefix(trim(line), "#") {
			continue
		}

		quoted := false
		for _, r := range line {
			if r == '"' {
				quoted = !quoted
			} else if !quoted && strings.ContainsRune(separators, r) {
				return r, false
			}
		}
	}

	return ',', false
}

// splitFields returns a row's fields, trimmed, without trailing empty ones. A row is one line, since no name spans two.
// Unlike encoding/csv, it accepts a quote within a name.
func splitFields(line string, separator rune) ([]string, error) {
	var fields []string
	for rest, more := line, true; more; {
		var field string
		var err error
		if field, rest, more, err = nextField(rest, separator); err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}

	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}

	return fields, nil
}

// nextField cuts off the first field. more reports whether another field follows, which may be empty.
func nextField(line string, separator rune) (field, rest string, more bool, err error) {
	raw, rest, more := strings.Cut(line, string(separator))
	bare := trim(raw)
	if !strings.HasPrefix(bare, `"`) {
		return bare, rest, more, nil
	}

	if field, rest, more, ok := quotedField(line, separator); ok {
		return field, rest, more, nil
	}
	if strings.Count(bare, `"`)%2 == 0 {
		return bare, rest, more, nil // the "A" team
	}

	return "", "", false, errors.New(`a quote is not closed: end it on the same line, and double a quote within quotes`)
}

// quotedField cuts off a quoted field. A doubled quote in it represents one quote, and the closing quote is followed by a
// separator or the end of the line.
func quotedField(line string, separator rune) (field, rest string, more, ok bool) {
	var text strings.Builder
	line = line[strings.IndexByte(line, '"')+1:]

	for i := 0; i < len(line); i++ {
		if line[i] != '"' {
			text.WriteByte(line[i])
			continue
		}

		if strings.HasPrefix(line[i+1:], `"`) {
			text.WriteByte('"')
			i++
			continue
		}

		following := strings.TrimLeft(line[i+1:], " ")
		if following == "" {
			return trim(text.String()), "", false, true
		}
		if after, found := strings.CutPrefix(following, string(separator)); found {
			return trim(text.String()), after, true, true
		}

		text.WriteByte('"')
	}

	return "", "", false, false
}

// trim removes white space, and byte order marks, which concatenated files contain.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
}
