package report

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/participant-client/story"
)

// News from the leaderboard is named by its kind: a badge, or a question.
func TestNotesOfWorkers(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	notes := []story.Sentence{
		{Kind: story.BadgeAwarded, At: at, Badge: story.Badge{ID: "crew", Icon: "🐝", First: true}},
		{Kind: story.Asked, At: at, Explained: "What does a third worker get?"},
	}
	var structured, stdout, stderr strings.Builder
	for _, out := range []*Jobs{
		JSONJobs(&structured, func(err error) { t.Error(err) }), PlainJobs(false, &stdout, &stderr, func(err error) { t.Error(err) }),
	} {
		for _, n := range notes {
			out.Note(n)
		}
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	}

	want := `{"event":"badge","at":"2026-01-02T03:04:05.006Z","instance":0,"text":"badge earned: 🐝 Crew, before every other team","badge":"crew","icon":"🐝","first":true}
{"event":"lesson","at":"2026-01-02T03:04:05.006Z","instance":0,"text":"` + notes[1].String() + `","kind":"asked"}
`
	if got := structured.String(); got != want {
		t.Errorf("JSON\n%s\nwant\n%s", got, want)
	}
	if want := notes[0].String() + "\n" + notes[1].String() + "\n"; stderr.String() != want || stdout.Len() > 0 {
		t.Errorf("plain %q and %q, want %q", stdout.String(), stderr.String(), want)
	}
}
