package score

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// FuzzRecord counts records with arbitrary content from a team.
func FuzzRecord(f *testing.F) {
	u := person(1, true, true)
	f.Add([]byte("key"), encode(deed(1, u.Email)), "member", "250", int64(0))
	f.Add([]byte(nil), encode(workshop.Stats{Team: "team-1", Processed: 5, Flagged: 1}), "\x00", "-1", int64(1)<<62)
	f.Add([]byte{0xff}, []byte(`{"customer":["x"],"type":1e999}`), "\u202e", "1e9", int64(-1)<<62)
	f.Fuzz(func(t *testing.T, key, value []byte, member, pause string, ms int64) {
		now := epoch.Add(time.Minute)
		at := between(time.UnixMilli(ms), epoch, now)
		l := newLedger(1, 1000)
		l.user(encode(u), epoch)
		l.user(value, at)
		headers := map[string]string{workshop.HeaderMemberID: member, workshop.HeaderPause: pause, workshop.HeaderLeaving: "1"}
		for range 2 {
			l.action(1, value, at, now, false)
			l.stats(1, report{key: string(key), value: value, headers: headers, at: at}, now, false)
		}
		l.advance(now)

		w := l.works()[0]
		if w.Accepted+w.Rejected+w.Duplicate+w.Unverifiable != 2 {
			t.Fatalf("two actions, counted as %+v", w)
		}
		checkWork(t, w, now)
	})
}

func checkWork(t *testing.T, w game.Work, now time.Time) {
	t.Helper()
	times := []time.Time{w.FirstAt, w.StatsAt}
	for _, r := range w.Rejections {
		times = append(times, r.At)
		for _, text := range []string{r.Customer, r.Type, r.Given, r.Reason} {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 400 || text != workshop.CleanText(text, 400) {
				t.Fatalf("a rejection says %q", text)
			}
		}
	}
	for _, n := range append(w.Leaving, w.Pauses...) {
		times = append(times, n.At)
		if n.MemberID != workshop.CleanText(n.MemberID, workshop.MaxText) {
			t.Fatalf("a note is about %q", n.MemberID)
		}
	}
	for _, at := range times {
		if !at.IsZero() && (at.Before(epoch) || at.After(now)) {
			t.Fatalf("a time is %s", at)
		}
	}
	if _, err := json.Marshal(w); err != nil {
		t.Fatal(err)
	}
}
