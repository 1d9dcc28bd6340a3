package terminaltest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// A Board is a leaderboard that is in a step and asks a question, in the contract's JSON.
type Board struct {
	Number   int
	Team     string // JSON of the team
	Step     string // its title
	Question string // the JSON fields question and options

	mu    sync.Mutex // guards what follows
	phase string
	more  string
	votes []int
}

// Serve serves the board until the test ends, and returns its address.
func (b *Board) Serve(t *testing.T) string {
	t.Helper()
	b.phase = "open"
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return server.URL
}

// Answer reveals the answer, as JSON of counts and answer, and returns the votes so far.
func (b *Board) Answer(answer string) (votes string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.more = "answered", ","+answer
	return fmt.Sprint(b.votes)
}

// ServeHTTP answers a client. A vote needs a voter's cookie.
func (b *Board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.URL.Path {
	case fmt.Sprintf("/api/teams/%d", b.Number):
		fmt.Fprint(w, b.Team)
	case "/api/board":
		fmt.Fprintf(w, `{"round":1,"frozen":false,"step":{"number":4,"of":9,"title":%q,"ends_at":%q},"teams":[]}`,
			b.Step, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	case "/api/prediction":
		fmt.Fprintf(w, `{"id":3,%s,"phase":%q,"votes":%d%s}`, b.Question, b.phase, len(b.votes), b.more)
	case "/predict":
		http.SetCookie(w, &http.Cookie{Name: "workshop_voter", Value: "one", Path: "/"})
	case "/api/prediction/vote":
		b.vote(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (b *Board) vote(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie("workshop_voter"); err != nil {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"error":"open /predict first"}`)
		return
	}
	var in struct{ Option int }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.votes = append(b.votes, in.Option)
	fmt.Fprintf(w, `{"option":%d}`, in.Option)
}
