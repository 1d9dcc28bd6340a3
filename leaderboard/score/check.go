package score

import "kafka-workshop/internal/workshop"

const shownRunes = 80 // of a team's text in a rejection, before the …

// shown makes a team's text safe to store and to show on one line.
func shown(s string) string { return workshop.CleanText(s, shownRunes+1) }
