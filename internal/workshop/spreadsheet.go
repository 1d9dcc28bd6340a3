package workshop

import "strings"

// formulaStarts are what spreadsheets take a formula by: these four characters, and their wide forms.
const formulaStarts = "=+-@\uff1d\uff0b\uff0d\uff20"

// SpreadsheetCell makes a foreign text safe in a cell of a CSV file: one line, and never a formula. Some spreadsheets
// look behind spaces, and at control characters as if they were spaces.
func SpreadsheetCell(text string) string {
	first := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	text = CleanText(text, MaxText)
	if first != "" && strings.ContainsRune(formulaStarts, []rune(first)[0]) {
		return "'" + text
	}
	return text
}
