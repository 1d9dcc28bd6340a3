package workshop

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// hashed matches the end of an ID that ShownID has shortened or cleaned.
var hashed = regexp.MustCompile(`~[0-9a-f]{16}$`)

// ShownID returns a member ID as the game, pages and events show it. Clients choose their member IDs, or
// the start of them, and Kafka allows 32,767 bytes of anything. A harmless ID is returned as it is. Others
// are cleaned, cut, and end with a hash of the original, so that they stay distinct.
func ShownID(id string) string {
	clean := CleanText(id, MaxText)
	if clean == id && !hashed.MatchString(id) {
		return id
	}

	sum := sha256.Sum256([]byte(id))
	return CleanText(id, MaxText-1-16) + "~" + hex.EncodeToString(sum[:8])
}
