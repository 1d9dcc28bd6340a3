package board

import (
	"html/template"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// Text that others wrote (names, client IDs, hosts, groups, reasons) passes through one of these functions in every
// template. CleanText removes characters that act on the text beside it; isolation keeps text that is written from
// right to left from reordering it.

// bdi isolates the text in an element.
func bdi(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// sentence isolates a sentence of ours that may contain such text: it runs from left to right, whatever its first name.
func sentence(text string) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// clean returns the text for a place where an element isolates it already, or where it stands alone.
func clean(text string) string { return workshop.CleanText(text, maxUntrusted) }

// isolated isolates the text in an attribute, by characters (FSI and PDI).
func isolated(text string) string { return "\u2068" + clean(text) + "\u2069" }

// maxUntrusted is the longest text that is shown whole.
const maxUntrusted = max(workshop.MaxText, maxMessage)

// memberName returns the client ID, or the member ID when the client ID has no visible character.
func memberName(m game.Member) string {
	if workshop.HasVisible(m.ClientID) {
		return m.ClientID
	}
	return m.MemberID
}
