package ballot

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

var now = time.Date(2026, 3, 14, 14, 3, 22, 0, time.UTC)

func open(id int64, options int) *game.PredictionView {
	return &game.PredictionView{ID: id, Phase: game.PredictionOpen, Options: make([]game.OptionView, options)}
}

func TestTheLastVoteOfAVoterCounts(t *testing.T) {
	b := New()
	b.Follow(open(1, 3))
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			for option := range 3 {
				if err := b.Cast(1, fmt.Sprint(i), option, i%4, "", now); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()

	got, _ := b.Close()
	if got.Votes != 100 || !slices.Equal(got.Counts, []int{0, 0, 100}) || len(got.Teams) != 3 || !slices.Equal(got.Teams[2], []int{0, 0, 25}) {
		t.Errorf("%+v", got)
	}
	if unsaved := b.Unsaved(); len(unsaved) != 100 || len(b.Unsaved()) != 0 {
		t.Errorf("%d votes are to be saved", len(unsaved))
	}
}

func TestVotesThatDoNotCount(t *testing.T) {
	b := New()
	if err := b.Cast(0, "a", 0, 0, "", now); !errors.Is(err, ErrClosed) {
		t.Errorf("before any question: %v", err)
	}
	b.Follow(open(7, 3))
	for what, c := range map[string]struct {
		id     int64
		option int
		want   error
	}{
		"another question": {6, 0, ErrClosed}, "below the options": {7, -1, ErrNoOption}, "above them": {7, 3, ErrNoOption},
	} {
		if err := b.Cast(c.id, "a", c.option, 0, "", now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range MaxPerAddress {
		if err := b.Cast(7, fmt.Sprint(i), 0, 0, "192.168.1.7", now); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Cast(7, "one more", 0, 0, "192.168.1.7", now); !errors.Is(err, ErrFull) {
		t.Errorf("from a crowded address: %v", err)
	}
	if err := b.Cast(7, "5", 1, 0, "192.168.1.7", now); err != nil {
		t.Errorf("who has voted may change it: %v", err)
	}
	if err := b.Cast(7, "elsewhere", 1, 0, "192.168.1.8", now); err != nil {
		t.Errorf("from another address: %v", err)
	}
	b.Close()
	if err := b.Cast(7, "late", 0, 0, "", now); !errors.Is(err, ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	b.Reopen()
	if err := b.Cast(7, "late", 0, 0, "", now); err != nil {
		t.Errorf("reopened: %v", err)
	}
}

func TestStoredVotesAreRestored(t *testing.T) {
	b := New()
	b.Restore([]game.Vote{{Prediction: 3, Voter: "a", Option: 1, Team: 2}, {Prediction: 3, Voter: "b", Option: 0}}, true)
	b.Follow(open(3, 2))
	if err := b.Cast(3, "b", 1, 0, "", now); err != nil {
		t.Fatal(err)
	}
	b.Unsaved() // the room is lost before they are stored
	b.Restore([]game.Vote{{Prediction: 3, Voter: "b", Option: 0}}, false)
	if got := b.Unsaved(); len(got) != 2 {
		t.Errorf("to be stored again: %v", got)
	}
	if got := b.Tally(); !slices.Equal(got.Counts, []int{0, 2}) || b.Count() != 2 {
		t.Errorf("%+v", got)
	}
	if option, voted := b.Vote("a"); option != 1 || !voted {
		t.Errorf("a voted for %d: %v", option, voted)
	}
	b.Restore([]game.Vote{{Prediction: 3, Voter: "b", Option: 0}}, true) // b has changed its vote at another leaderboard
	if got := b.Tally(); !slices.Equal(got.Counts, []int{1, 1}) || b.Count() != 2 {
		t.Errorf("held by another: %+v", got)
	}
	if got := b.Unsaved(); len(got) != 1 || got[0] != (game.Vote{Prediction: 3, Voter: "a", Option: 1, Team: 2}) {
		t.Errorf("to be stored again, when another one had stored the vote of b: %v", got)
	}
	b.Follow(open(4, 2))
	if b.Count() != 0 {
		t.Error("votes on the question before are counted again")
	}
}

// The closing is stored after the tally is taken. Views from before it must not open the vote again: a late voter would get
// the answer that the vote counts.
func TestAViewFromBeforeTheClosingDoesNotOpenTheVoteAgain(t *testing.T) {
	b := New()
	b.Follow(open(1, 2))
	b.Close()
	b.Follow(open(1, 2))
	if err := b.Cast(1, "late", 0, 0, "", now); !errors.Is(err, ErrClosed) {
		t.Errorf("while the closing is being stored: %v", err)
	}
	b.Reopen() // it was not stored
	b.Follow(open(1, 2))
	if err := b.Cast(1, "late", 0, 0, "", now); err != nil {
		t.Errorf("when it was not stored: %v", err)
	}
	b.Close()
	b.Follow(open(2, 2))
	if err := b.Cast(2, "late", 0, 0, "", now); err != nil {
		t.Errorf("on the next question: %v", err)
	}
}

// A whole room behind one router can vote; someone who invents voters at one address leaves places for others.
func TestWhatOneAddressMayBring(t *testing.T) {
	b := New()
	b.Follow(open(1, 2))
	counted := 0
	for i := range MaxVoters {
		if b.Cast(1, fmt.Sprint("made up ", i), 0, 0, "203.0.113.9/32", now) == nil {
			counted++
		}
	}
	if counted != MaxPerAddress || counted < 5000 {
		t.Errorf("%d voters of one address are counted", counted)
	}
	for i := range 5000 {
		if err := b.Cast(1, fmt.Sprint(i), 1, 0, "198.51.100.1/32", now); err != nil {
			t.Fatalf("voter %d of the room: %v", i, err)
		}
	}
}

func TestAVoterMayChangeAVoteNowAndThen(t *testing.T) {
	b := New()
	b.Follow(open(1, 2))
	cast := func(voter string, at time.Time) error { return b.Cast(1, voter, 0, 0, "", at) }
	for i := range maxChanges {
		if err := cast("a", now); err != nil {
			t.Fatalf("vote %d: %v", i, err)
		}
	}
	if err := cast("a", now); !errors.Is(err, ErrTooFast) {
		t.Errorf("one more at once: %v", err)
	}
	if err := cast("b", now); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if err := cast("a", now.Add(changeEvery)); err != nil {
		t.Errorf("a second later: %v", err)
	}
	if err := cast("a", now.Add(changeEvery)); !errors.Is(err, ErrTooFast) {
		t.Errorf("twice in that second: %v", err)
	}
	for range maxChanges { // a long wait earns no more changes than that
		_ = cast("a", now.Add(time.Hour))
	}
	if err := cast("a", now.Add(time.Hour)); !errors.Is(err, ErrTooFast) {
		t.Errorf("after an hour: %v", err)
	}
}

func BenchmarkCast(b *testing.B) {
	ballot := New()
	ballot.Follow(open(1, 4))
	for i := 0; b.Loop(); i++ {
		_ = ballot.Cast(1, fmt.Sprint(i%MaxVoters), i%4, 0, fmt.Sprint(i%4), now.Add(time.Duration(i)*time.Second)) // none is refused
	}
}
