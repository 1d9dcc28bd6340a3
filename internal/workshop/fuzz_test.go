package workshop_test

import (
	"testing"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"
)

// FuzzShownID checks that two ids are shown alike only if they are the same.
func FuzzShownID(f *testing.F) {
	f.Add("team-7-laptop-1", "team-7-laptop-2")
	f.Add("a\x00", "a\x01")
	f.Add("a\xff~0123456789abcdef", "a\ufffd")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, other := workshop.ShownID(a), workshop.ShownID(b)
		if (one == other) != (a == b) {
			t.Fatalf("%q and %q are shown as %q and %q", a, b, one, other)
		}
		if !utf8.ValidString(one) || utf8.RuneCountInString(one) > workshop.MaxText || workshop.CleanText(one, workshop.MaxText) != one {
			t.Fatalf("%q is shown as %q", a, one)
		}
		if again := workshop.ShownID(b + one); again == one && b != "" {
			t.Fatalf("%q is shown as %q", b+one, again)
		}
	})
}
