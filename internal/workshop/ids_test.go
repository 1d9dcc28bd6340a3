package workshop_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"
)

func TestAPlainIDIsShownAsItIs(t *testing.T) {
	for _, id := range []string{"", "team-7-laptop-1-5b9a0c1e-9a4e-4a34-9f52-6f3d1c9e4a10", "Zoë"} {
		if got := workshop.ShownID(id); got != id {
			t.Errorf("%q is shown as %q", id, got)
		}
	}
}

func TestNoTwoIDsAreShownAlike(t *testing.T) {
	long := strings.Repeat("x", 31_000)
	ids := []string{long + "a", long + "b", "a\x00b", "a\x01b", "a\nb", "a\u202eb", "\xff", "\xfe"}
	for _, id := range ids {
		ids = append(ids, workshop.ShownID(id)) // an id that equals the shown form of another
	}
	seen := map[string]string{}
	for _, id := range ids {
		got := workshop.ShownID(id)
		if before, known := seen[got]; known {
			t.Errorf("%.40q and %.40q are both shown as %q", before, id, got)
		}
		seen[got] = id
		if n := utf8.RuneCountInString(got); n > workshop.MaxText {
			t.Errorf("%.40q is shown with %d characters", id, n)
		}
	}
}
