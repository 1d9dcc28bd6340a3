package workshop

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCodesOpenOneTeamEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := Secret(rapid.StringN(16, 40, -1).Draw(t, "secret"))
		few := rapid.IntRange(1, 20).Draw(t, "few")
		codes := secret.Codes("spring.", 100)
		seen := map[string]bool{}
		for _, c := range codes {
			if PlainCode(c) != c || PlainCode(strings.ToLower(ReadableCode(c))) != c {
				t.Fatalf("%q does not come back as it was", c)
			}
			if seen[c] {
				t.Fatalf("two teams share %q", c)
			}
			seen[c] = true
		}
		for i, c := range secret.Codes("spring.", few) {
			if codes[i] != c {
				t.Fatalf("team %d's code depends on how many teams there are", i+1)
			}
		}
		for _, c := range secret.Codes("", few) {
			if seen[c] {
				t.Fatalf("a code of another namespace is %q too", c)
			}
		}
	})
}

func TestPlainCodeRefusesWhatIsNone(t *testing.T) {
	for _, typed := range []string{"", "ABC", "ABCDEFGH0", "ABCDEFGHI", "ABCDEFGHJK", "ABC/EFGHJ", "ÄBCDEFGH", "ABC_DEF_GHJ"} {
		if got := PlainCode(typed); got != "" {
			t.Errorf("PlainCode(%q) = %q", typed, got)
		}
	}
	if got := PlainCode(" abc-def ghj\n"); got != "ABCDEFGHJ" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsDerivedDiffers(t *testing.T) {
	a, b := Secret("one secret of many"), Secret("another secret here")
	all := map[string]string{}
	for _, s := range []Secret{a, b} {
		for _, user := range []string{"team-1", "team-2", "spring.team-1"} {
			all[string(s.Password(user))] = ""
			all[string(s.Salt(user))] = ""
		}
		all[string(s.Token(""))], all[string(s.Token("spring."))] = "", ""
		for _, r := range []Room{{Lesson: ScaleUp}, {Lesson: WebEvents}, {Lesson: ScaleUp, Namespace: "spring."}} {
			all[string(s.VoterKey(r))] = ""
		}
	}
	if len(all) != 22 {
		t.Errorf("%d different of 22", len(all))
	}
	if once, again := a.Password("team-1"), a.Password("team-1"); once != again || len(once) != 32 {
		t.Error("a password is not the same twice, or not 32 characters long")
	}
}

// Even in the largest room, no two teams have the same code.
func TestCodesOfTheLargestRoomDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Secret("a secret of this test alone").Codes("spring.", MaxTeams) {
		if seen[c] || PlainCode(c) != c {
			t.Fatalf("%q is no code, or that of two teams", c)
		}
		seen[c] = true
	}
}
