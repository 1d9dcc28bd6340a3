package tui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
)

// A leaderboard that asks a question, in the contract's JSON.
type leaderboard struct {
	mu    sync.Mutex // guards what follows
	phase string
	more  string
	votes []int
}

func (b *leaderboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.URL.Path {
	case "/api/teams/7":
		fmt.Fprint(w, `{"team":7,"name":"team-7","points":110,"rank":2,"badges":[]}`)
	case "/api/board":
		fmt.Fprintf(w, `{"round":1,"frozen":false,"step":{"number":4,"of":9,"title":"Scale","ends_at":%q},"teams":[]}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	case "/api/prediction":
		fmt.Fprintf(w, `{"id":3,"question":"One more joins: how are they shared?","options":[{"option":0,"text":"5 + 0"},{"option":1,"text":"3 + 2"}],"phase":%q,"votes":%d%s}`,
			b.phase, len(b.votes), b.more)
	case "/predict":
		http.SetCookie(w, &http.Cookie{Name: "workshop_voter", Value: "one", Path: "/"})
	case "/api/prediction/vote":
		var in struct{ Option int }
		if _, err := r.Cookie("workshop_voter"); err != nil {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":"open /predict first"}`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.votes = append(b.votes, in.Option)
		fmt.Fprintf(w, `{"option":%d}`, in.Option)
	default:
		http.NotFound(w, r)
	}
}

func TestVotingInATerminal(t *testing.T) {
	tm := newTerminal(t)
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Namespace.Name("new_users"), 5, nil)
	board := &leaderboard{phase: "open"}
	server := httptest.NewServer(board)
	defer server.Close()
	tm.open(120, 40, fmt.Sprintf("%s --namespace %s --team 7 --leaderboard %s; read wait", command(t, c), c.Namespace, server.URL))

	tm.await("Stable")
	tm.await("Step 4 of 9 · Scale · ")
	tm.await("v votes: One more joins: how are they shared?")
	tm.press("v")
	tm.await("Press 1 to 2.")
	tm.press("1")
	tm.await("5 + 0  ◀ yours")
	tm.press("2")
	tm.await("3 + 2  ◀ yours")
	tm.press("Escape")
	tm.await("You say 3 + 2 (v changes it)")
	tm.await("A member 1") // which has gone on meanwhile

	board.mu.Lock()
	if got := fmt.Sprint(board.votes); got != "[0 1]" {
		t.Errorf("votes %s", got)
	}
	board.phase, board.more = "answered", `,"counts":[3,9],"answer":{"option":1,"because":"A partition has one owner."}`
	board.mu.Unlock()
	tm.await("The answer is 3 + 2: A partition has one owner. You were right.")
	tm.press("v")
	tm.await("3 + 2     9 ████████████████████  ✓  ◀ yours")
	tm.press("q")
	tm.await("member 1 left")
}
