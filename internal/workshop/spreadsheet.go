package workshop

import "strings"

// formulaStarts are the characters with which spreadsheets begin a formula, and their full-width forms.
const formulaStarts = "=+-@\uff1d\uff0b\uff0d\uff20"

// SpreadsheetCell makes untrusted text safe for a cell of a CSV file: one line, and never a formula. Some spreadsheets
// skip spaces and control characters when they look for a formula.
func SpreadsheetCell(text string) string {
	first := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	text = CleanText(text, MaxText)
	if first != "" && strings.ContainsRune(formulaStarts, []rune(first)[0]) {
		return "'" + text
	}
	return text
}
