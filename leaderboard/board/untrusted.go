package board

import (
	"html/template"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// Text from others (names, client IDs, hosts, groups, reasons) passes through one of these functions in every template.
// CleanText removes characters that affect the surrounding text; isolation keeps right-to-left text from reordering it.

// bdi isolates the text in an element.
func bdi(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// sentence isolates one of our sentences that may contain such text: it runs from left to right, even if it begins with a
// right-to-left name.
func sentence(text string) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// clean returns the text for a place where an element already isolates it, or where it is alone.
func clean(text string) string { return workshop.CleanText(text, maxUntrusted) }

// isolated isolates the text in an attribute, by characters (FSI and PDI).
func isolated(text string) string { return "\u2068" + clean(text) + "\u2069" }

// maxUntrusted is the longest text that is shown in full.
const maxUntrusted = max(workshop.MaxText, maxMessage)

// memberName returns the client ID, or the member ID if the client ID has no visible character.
func memberName(m game.Member) string {
	if workshop.HasVisible(m.ClientID) {
		return m.ClientID
	}
	return m.MemberID
}
