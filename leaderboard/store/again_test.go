package store

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

func save(t *testing.T, l *Lease, changes ...game.Changes) {
	t.Helper()
	for _, c := range changes {
		if err := l.Save(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, l *Lease) game.Saved {
	t.Helper()
	got, err := l.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Counts that stay the same are written once a round: the next round has its own.
func TestANewRoundStoresCountsThatAreTheSame(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c := everything()
	scores := *c.Scores
	scores.Round = 2
	next := game.Changes{Round: 2, Begin: &game.Round{Number: 2, Began: at.Add(time.Hour), TopicID: "aa"}, Scores: &scores}
	save(t, l, c, next)

	got := load(t, l).Scores
	if len(got.Teams) != 1 || got.Teams[0].Accepted != 1 || len(got.Offsets) != 1 || got.Offsets[0].Next != 42 {
		t.Errorf("of round 2: %+v", got)
	}
}

// A failed save stores nothing; the next one stores everything.
func TestASaveThatFailedIsDoneAgainAsAWhole(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	save(t, l, game.Changes{Round: 1, Begin: everything().Begin})
	scores := everything().Scores
	bad := game.Changes{Round: 1, Scores: scores, Awards: []game.Award{{Round: 1, Team: 7, Badge: game.Scaled, At: at, Evidence: json.RawMessage(`no JSON`)}}}
	if err := l.Save(t.Context(), bad); err == nil || !l.Alive() {
		t.Fatalf("saved: %v, alive: %v", err, l.Alive())
	}
	if got := load(t, l).Scores; len(got.Teams)+len(got.Offsets) != 0 {
		t.Fatalf("half of it is stored: %+v", got)
	}

	save(t, l, game.Changes{Round: 1, Scores: scores})
	if got := load(t, l).Scores; len(got.Teams) != 1 || len(got.Offsets) != 1 {
		t.Errorf("stored after the fault: %+v", got)
	}
}

// A later save updates everything that may change.
func TestALaterSaveReplacesWhatChanged(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c, pause := everything(), int64(700)
	later := game.Changes{
		Round: 1,
		Begin: &game.Round{Number: 1, Began: at, TopicID: "cc", Start: []int64{9}},
		Events: []game.Event{
			{ID: 1, At: workshop.At(at), Team: 7, Kind: game.KindLeave, Text: "A left\x00", PauseMS: &pause},
		},
		States: map[int]json.RawMessage{7: json.RawMessage(`{"changed": false}`)},
		Scores: &game.Scores{
			Round: 1,
			Teams: []game.Work{{
				Team: 7, Accepted: 11, Rejected: 12, Duplicate: 13, Unverifiable: 14, Meeting: 15, Found: 16, FirstAt: at.Add(-time.Second),
				StatsAt: at.Add(time.Second), Processed: 18, Flagged: 19, Rejections: []game.Rejection{},
			}},
			Offsets: []game.SourceOffset{{Topic: "team-7.actions", TopicID: "made anew", Partition: 2, Next: 7}},
		},
	}
	save(t, l, c, later)

	got := load(t, l)
	got.Round.Began = got.Round.Began.UTC()
	want := later
	want.Events[0].Text = "A left\ufffd"
	for what, pair := range map[string][2]any{
		"round":  {got.Round, *want.Begin},
		"event":  {got.Events[0], want.Events[0]},
		"state":  {got.States[7], want.States[7]},
		"scores": {got.Scores, *want.Scores},
	} {
		if a, b := asJSON(t, pair[0]), asJSON(t, pair[1]); a != b {
			t.Errorf("%s: %s, want %s", what, a, b)
		}
	}
}

func TestOneBadgeIsTakenBack(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c, gone := everything(), at.Add(time.Minute)
	c.Awards = append(c.Awards, game.Award{Round: 1, Team: 7, Badge: game.Scaled, At: at, Evidence: json.RawMessage(`{}`)},
		game.Award{Round: 1, Team: 8, Badge: game.Scaled, At: at, Evidence: json.RawMessage(`{}`)})
	back := c.Awards[1]
	back.Removed = &gone
	save(t, l, c, game.Changes{Round: 1, Removed: []game.Award{back}})

	for _, a := range load(t, l).Awards {
		if (a.Removed != nil) != (a.Team == 7 && a.Badge == game.Scaled) {
			t.Errorf("team %d's %s: removed %v", a.Team, a.Badge, a.Removed)
		}
	}
}

func TestAFreezeThatIsLiftedStaysLifted(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	save(t, l, everything())
	if load(t, l).Frozen == nil {
		t.Fatal("not frozen")
	}
	save(t, l, game.Changes{Round: 1, Reveal: true})
	if got := load(t, l).Frozen; got != nil {
		t.Errorf("still frozen: %+v", got)
	}
}

// A round ends once: a later round does not move its end.
func TestARoundEndsOnce(t *testing.T) {
	s := newStore(t, postgrestest.URL(t), "")
	l := lead(t, s)
	save(t, l, everything())
	for n := 2; n <= 3; n++ {
		begin := game.Changes{Round: n, Begin: &game.Round{Number: n, Began: at.Add(time.Duration(n) * time.Hour)}}
		save(t, l, begin, begin) // twice, as after a lost answer: the round does not end itself
	}

	out, err := s.Export(t.Context(), 1)
	if err != nil || len(out.Rounds) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	for i, want := range []*time.Time{new(at.Add(2 * time.Hour)), new(at.Add(3 * time.Hour)), nil} {
		if got := out.Rounds[i].Ended; (got == nil) != (want == nil) || got != nil && !got.Equal(*want) {
			t.Errorf("round %d ended at %v, want %v", i+1, got, want)
		}
	}
}

// A holder that falls silent within a transaction loses the lock, as one does between transactions.
func TestAHolderThatFallsSilentInATransactionLosesTheLock(t *testing.T) {
	url := postgrestest.URL(t)
	l := lead(t, newStore(t, url, ""))
	if _, err := l.conn.Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}

	next := newStore(t, url, "")
	var held *HeldError
	for late := time.Now().Add(30 * time.Second); ; {
		_, err := next.Lead(t.Context())
		if err == nil {
			return
		}
		if !errors.As(err, &held) || time.Now().After(late) {
			t.Fatalf("the next one: %v", err)
		}
	}
}

// Every session that may hold the lock has a limit for each way in which it could hang.
func TestTheSessionsBounds(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	for setting, want := range map[string]string{
		"idle_session_timeout": "3s", "idle_in_transaction_session_timeout": "3s", "statement_timeout": "10s", "lock_timeout": "3s",
	} {
		var got string
		if err := l.conn.QueryRow(t.Context(), "SHOW "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s: %v", setting, got, want, err)
		}
	}
}
