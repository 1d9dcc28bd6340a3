package board

import (
	"html/template"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// Texts that somebody else wrote (names, client ids, hosts, groups, reasons) pass through one of these three in every
// template: CleanText takes out what acts on the text beside it, and the isolation keeps what is written from right to
// left from reordering it.

// foreign is such a text as an element of its own.
func foreign(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// sentence is one of our own in which such a text may stand: it runs from left to right whatever the first name in it.
func sentence(text string) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + template.HTMLEscapeString(clean(text)) + "</bdi>")
}

// clean is such a text where an element isolates it already, or where it stands alone.
func clean(text string) string { return workshop.CleanText(text, maxForeign) }

// isolated is such a text within an attribute, which holds no element: between the characters that isolate it.
func isolated(text string) string { return "\u2068" + clean(text) + "\u2069" }

// maxForeign is a message's length or that of an id, whichever is longer.
const maxForeign = max(workshop.MaxText, maxMessage)

// who is what a member calls itself, or the group's own name for it when there is nothing to see in that.
func who(m game.Member) string {
	if workshop.HasVisible(m.ClientID) {
		return m.ClientID
	}
	return m.MemberID
}
