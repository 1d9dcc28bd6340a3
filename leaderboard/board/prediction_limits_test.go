package board

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kafka-workshop/leaderboard/ballot"
	"kafka-workshop/leaderboard/game"
)

// votesFrom casts a voter's vote from an address.
func (r *room) votesFrom(address, voter string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/api/prediction/vote", strings.NewReader(`{"option":1}`))
	req.Header.Set("Content-Type", "application/json")
	req.RemoteAddr = address
	req.AddCookie(&http.Cookie{Name: voterCookie, Value: voter + ".0." + r.signVoter(voter+".0")})
	out := httptest.NewRecorder()
	r.engine.ServeHTTP(out, req)
	return out
}

// A room of 5,000 behind one router votes, and nobody has to wait. Someone who invents voters at one address, or in a network
// that belongs to one machine, is stopped there, and leaves places for everybody else.
func TestARoomBehindOneAddressVotesAndAFloodIsStopped(t *testing.T) {
	s := newSample(3)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	for i := range 5000 {
		if got := r.votesFrom(fmt.Sprintf("198.51.100.1:%d", 1024+i), fmt.Sprint("r", i)); got.Code != http.StatusOK {
			t.Fatalf("voter %d of the room: %d %s", i, got.Code, got.Body)
		}
	}
	for i := range ballot.MaxPerAddress + 10 {
		got := r.votesFrom(fmt.Sprintf("[2001:db8::%x]:99", i), fmt.Sprint("f", i))
		if want := i < ballot.MaxPerAddress; (got.Code == http.StatusOK) != want || !want && got.Code != http.StatusTooManyRequests {
			t.Fatalf("made-up voter %d: %d %s", i, got.Code, got.Body)
		}
	}
	for address, voter := range map[string]string{"192.0.2.7:99": "a", "[2001:db8:0:1::1]:99": "b", "127.0.0.1:99": "c"} {
		if got := r.votesFrom(address, voter); got.Code != http.StatusOK {
			t.Errorf("from %s: %d %s", address, got.Code, got.Body)
		}
	}
	if got := r.votesFrom("198.51.100.1:1024", "r0"); got.Code != http.StatusOK {
		t.Errorf("who voted changes the vote: %d %s", got.Code, got.Body)
	}
}

// A voter that keeps sending votes has to wait; nobody else does.
func TestAVoterThatNeverStopsWaits(t *testing.T) {
	s := newSample(3)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	var last *httptest.ResponseRecorder
	for range 100 {
		last = r.votesFrom("192.0.2.7:99", "a")
	}
	if last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "1" {
		t.Errorf("the 100th vote at once: %d, Retry-After %q", last.Code, last.Header().Get("Retry-After"))
	}
	if got := r.votesFrom("192.0.2.7:99", "b"); got.Code != http.StatusOK {
		t.Errorf("a neighbour: %d %s", got.Code, got.Body)
	}
	r.clock.turn(time.Second)
	if got := r.votesFrom("192.0.2.7:99", "a"); got.Code != http.StatusOK {
		t.Errorf("a second later: %d %s", got.Code, got.Body)
	}
}

// While the room votes, viewers receive the count once a second, however often Views are published.
func TestTheCountOfVotesTicksOnceASecond(t *testing.T) {
	s := newSample(3)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	v := r.watch(t, "/events")
	v.until(t, "whole")
	for i := range 50 {
		r.votesFrom("192.0.2.7:99", fmt.Sprint(i))
		r.Publish(s.View) // within the second of the last tick
	}
	s.Public.Message = "marks the place"
	r.Publish(s.View)
	if before, _ := v.until(t, "say"); len(before) > 0 {
		t.Errorf("%d events before the second was over", len(before))
	}
	r.show(s)
	if _, data := v.until(t, "asked"); !strings.Contains(data, "50") {
		t.Errorf("after the second: %s", data)
	}
}

// The room can vote during a freeze.
func TestAFrozenRoomVotes(t *testing.T) {
	s := newSample(3)
	s.ask(1, game.PredictionOpen)
	s.Public.Frozen, s.Truth.Frozen = true, true
	r := newRoom(t, s)
	guest := phone(t)
	r.open(t, guest, "/predict")
	if status, fault := r.voteBy(t, guest, `{"option":1}`); status != http.StatusOK {
		t.Errorf("%d %s", status, fault)
	}
	if body := r.get(t, "/api/prediction", false, http.StatusOK); !strings.Contains(body, `"votes":1`) {
		t.Errorf("the count is not told: %s", body)
	}
}
