package workshop

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// hashed is how an id ends that stands for another.
var hashed = regexp.MustCompile(`~[0-9a-f]{16}$`)

// ShownID is a member's id as the game, pages and events see it. Members choose their ids, or how
// they begin, and Kafka allows 32,767 bytes of anything. A plain id stands for itself; another is
// cleaned and cut and carries a hash of what it was, so that two of them never become one.
func ShownID(id string) string {
	clean := CleanText(id, MaxText)
	if clean == id && !hashed.MatchString(id) {
		return id
	}

	sum := sha256.Sum256([]byte(id))
	return CleanText(id, MaxText-1-16) + "~" + hex.EncodeToString(sum[:8])
}
