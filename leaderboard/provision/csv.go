package provision

import (
	"errors"
	"strings"
	"unicode"
)

// separators between two fields, as spreadsheets write them in one country or another.
const separators = ",;\t"

// separatorOf finds what stands between a number and a name: what a first line sep=; declares, else the
// first separator of the first line that has one. Names follow numbers, so a comma in a name comes later.
func separatorOf(lines []string) (separator rune, declared bool) {
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

// split returns a row's fields, trimmed, without the empty ones at its end. A row is one line: no name
// has two. Unlike encoding/csv it takes a quote within a name for what it is.
func split(line string, separator rune) ([]string, error) {
	var fields []string
	for rest, more := line, true; more; {
		var field string
		var err error
		if field, rest, more, err = next(rest, separator); err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}

	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	return fields, nil
}

// next cuts the first field off. More says that another one follows, perhaps an empty one.
func next(line string, separator rune) (field, rest string, more bool, err error) {
	raw, rest, more := strings.Cut(line, string(separator))
	bare := trim(raw)
	if !strings.HasPrefix(bare, `"`) {
		return bare, rest, more, nil
	}

	if field, rest, more, ok := quoted(line, separator); ok {
		return field, rest, more, nil
	}
	if strings.Count(bare, `"`)%2 == 0 {
		return bare, rest, more, nil // the "A" team
	}
	return "", "", false, errors.New(`a quote is not closed: end it on the same line, and double a quote within quotes`)
}

// quoted cuts a field in quotes off: a doubled quote within is one, and the quote that ends the field is
// followed by a separator or by nothing.
func quoted(line string, separator rune) (field, rest string, more, ok bool) {
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

		behind := strings.TrimLeft(line[i+1:], " ")
		if behind == "" {
			return trim(text.String()), "", false, true
		}
		if after, found := strings.CutPrefix(behind, string(separator)); found {
			return trim(text.String()), after, true, true
		}
		text.WriteByte('"')
	}
	return "", "", false, false
}

// trim removes white space and the mark that some programs put before each file that they join.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
}
