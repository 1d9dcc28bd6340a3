package story

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A leaderboard answers as the contract specifies, as far as a client needs it.
type leaderboard struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	paths  map[string]string
	voters []string // the team of each cookie that was given
	votes  []string
}

func newLeaderboard(t *testing.T) *leaderboard {
	t.Helper()
	b := &leaderboard{paths: map[string]string{"/api/teams/7": `{"name":"team-7","points":100}`}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *leaderboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.URL.Path {
	case "/predict", "/j/ABCDEFGHK":
		b.voters = append(b.voters, r.URL.Path)
		http.SetCookie(w, &http.Cookie{Name: "workshop_voter", Value: r.URL.Path, Path: "/"})
	case "/api/prediction/vote":
		b.castVote(w, r)
	default:
		text, ok := b.paths[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text))
	}
}

func (b *leaderboard) castVote(w http.ResponseWriter, r *http.Request) {
	var in struct{ Option int }
	cookie, err := r.Cookie("workshop_voter")
	switch {
	case err != nil:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"error":"no voter yet"}`)
	case json.NewDecoder(r.Body).Decode(&in) != nil, strings.Contains(b.paths["/api/prediction"], `"closed"`):
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"error":"the vote is closed"}`)
	default:
		b.votes = append(b.votes, fmt.Sprint(cookie.Value, " ", in.Option))
		fmt.Fprint(w, `{"option":1}`)
	}
}

func (b *leaderboard) set(path, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paths[path] = text
}

func question(phase, more string) string {
	return `{"id":3,"question":"One more joins: how are they shared?","options":[{"option":0,"text":"5 + 0"},{"option":1,"text":"3 + 2"}],` +
		`"phase":"` + phase + `","votes":4` + more + `}`
}

// asking returns a story that has asked the leaderboard once.
func (b *leaderboard) asking(t *testing.T, code string) (r *room, ask func() []Sentence) {
	t.Helper()
	cfg := config()
	cfg.Leaderboard, cfg.Code = b.URL, code
	r = newRoom(cfg)
	t.Cleanup(r.poll.client.CloseIdleConnections)
	return r, func() []Sentence {
		r.poll.poll(t.Context(), true)
		r.now.At = time.Now()
		return r.Advance(r.now)
	}
}

func TestAQuestionIsAskedVotedOnAndAnswered(t *testing.T) {
	b := newLeaderboard(t)
	b.set("/api/prediction", question("open", ""))
	r, ask := b.asking(t, "ABCDEFGHK")
	if got := ask(); len(got) != 1 || got[0].String() != "The room is asked: One more joins: how are they shared?" {
		t.Errorf("asked %v", got)
	}
	if p := r.Prediction; p == nil || !p.Open() || p.Mine != -1 || len(p.Options) != 2 || p.Votes != 4 {
		t.Fatalf("the question is %+v", p)
	}

	for _, option := range []int{0, 1} { // a vote may be changed
		if err := r.Vote(t.Context(), r.Prediction, option); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(); len(got) != 0 || r.Prediction.Mine != 1 {
		t.Errorf("then says %v, and knows vote %d", got, r.Prediction.Mine)
	}
	if want := []string{"/j/ABCDEFGHK 0", "/j/ABCDEFGHK 1"}; !slices.Equal(b.votes, want) || len(b.voters) != 1 {
		t.Errorf("votes %q of %q, want %q of one voter, who is of the team", b.votes, b.voters, want)
	}

	b.set("/api/prediction", question("closed", `,"counts":[1,3]`))
	if got := ask(); len(got) != 0 {
		t.Errorf("when closed, says %v", got)
	}
	if err := r.Vote(t.Context(), r.Prediction, 0); err == nil || err.Error() != "the vote is closed" || r.Prediction.Mine != 1 {
		t.Errorf("a late vote: %v", err)
	}

	b.set("/api/prediction", question("answered", `,"counts":[1,3],"answer":{"option":1,"because":"Range shares them out again."}`))
	if got := ask(); len(got) != 1 || got[0].String() != "The answer is 3 + 2: Range shares them out again. You were right." {
		t.Errorf("answered %v", got)
	}
	if got := ask(); len(got) != 0 {
		t.Errorf("says it again: %v", got)
	}
	b.set("/api/prediction", "null")
	if ask(); r.Prediction != nil {
		t.Errorf("it stays: %+v", r.Prediction)
	}
}

func TestWithoutACodeTheVoteIsAGuests(t *testing.T) {
	for _, code := range []string{"", "WRONGCODE"} {
		b := newLeaderboard(t)
		b.set("/api/prediction", question("open", ""))
		r, ask := b.asking(t, code)
		ask()
		if err := r.Vote(t.Context(), r.Prediction, 1); err != nil {
			t.Fatal(err)
		}
		if want := []string{"/predict 1"}; !slices.Equal(b.votes, want) {
			t.Errorf("votes %q, want %q", b.votes, want)
		}
	}
}

// An answer from before the start is no news, and an old leaderboard, or none, reports nothing.
func TestWhatTheLeaderboardDoesNotSay(t *testing.T) {
	b := newLeaderboard(t)
	b.set("/api/prediction", question("answered", `,"answer":{"option":1,"because":"Because."}`))
	_, early := b.asking(t, "")
	if got := early(); len(got) != 0 {
		t.Errorf("an old answer: says %v", got)
	}

	old := newLeaderboard(t)
	r, ask := old.asking(t, "")
	if got := ask(); len(got) != 0 || r.Prediction != nil || r.Step != nil || r.Team.Points != 100 {
		t.Errorf("an old leaderboard: says %v, %+v %+v %+v", got, r.Prediction, r.Step, r.Team)
	}
	old.Close()
	if got := ask(); len(got) != 0 {
		t.Errorf("none: says %v", got)
	}
	if err := r.Vote(t.Context(), &Prediction{}, 1); err == nil {
		t.Error("a vote at no leaderboard counts")
	}
}

// A question and a step disappear when the leaderboard has not answered for a while.
func TestOldAnswersGo(t *testing.T) {
	b := newLeaderboard(t)
	b.set("/api/prediction", question("open", ""))
	b.set("/api/board", `{"step":{"number":1,"of":2,"title":"Scale","ends_at":"2026-03-02T09:00:00Z"},"teams":[]}`)
	r, ask := b.asking(t, "")
	ask()
	if r.Prediction == nil || r.Step == nil {
		t.Fatalf("%+v %+v", r.Prediction, r.Step)
	}
	r.now.At = time.Now().Add(predictionKept + time.Second)
	if r.Advance(r.now); r.Prediction != nil || r.Step == nil {
		t.Errorf("the question stays, or the step goes: %+v %+v", r.Prediction, r.Step)
	}
	r.now.At = time.Now().Add(stepKept + time.Second)
	if r.Advance(r.now); r.Step != nil {
		t.Errorf("the step stays: %+v", r.Step)
	}
}

func TestTheHeadOfTheBoard(t *testing.T) {
	const step = `{"number":3,"of":9,"title":"Scale","ends_at":"2026-03-02T09:00:00Z"}`
	for _, test := range []struct {
		name, board string
		frozen      bool
		step        int // 0 for none
	}{
		{"whole", `{"round":1,"stale_since":null,"frozen":true,"topic":{"frozen":false},"step":` + step + `,"teams":[]}`, true, 3},
		{"teams are not read", `{"frozen":true,"step":` + step + `,"teams":[{"broken`, true, 3},
		{"a message of that name", `{"frozen":false,"message":"frozen","step":null,"teams":[]}`, false, 0},
		{"an older leaderboard", `{"frozen":true,"teams":[],"step":` + step + `}`, true, 0},
	} {
		b := newLeaderboard(t)
		b.set("/api/board", test.board)
		cfg := config()
		cfg.Leaderboard = b.URL
		p := newPoller(cfg)
		head, err := p.fetchBoard(context.Background())
		p.client.CloseIdleConnections()
		got := 0
		if head.step != nil {
			got = head.step.Number
		}
		if err != nil || head.frozen != test.frozen || got != test.step {
			t.Errorf("%s: %v, frozen %v, step %d", test.name, err, head.frozen, got)
		}
	}
}

// A laptop whose clock is wrong still counts down correctly.
func TestAStepEndsByTheLeaderboardsClock(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 500e6, time.UTC)
	for date, want := range map[string]time.Duration{
		"Mon, 02 Mar 2026 08:57:00 GMT": 3*time.Minute + 500*time.Millisecond,
		"Mon, 02 Mar 2026 09:00:00 GMT": 0,
		"Mon, 02 Mar 2026 09:02:00 GMT": -2*time.Minute + 500*time.Millisecond,
		"":                              0,
	} {
		if got := ahead(&http.Response{Header: http.Header{"Date": {date}}}, now); got != want {
			t.Errorf("%q: ahead by %v, want %v", date, got, want)
		}
	}

	ends := Step{EndsAt: now}
	for before, want := range map[time.Duration]string{200 * time.Second: "03:20", 500 * time.Millisecond: "00:01", 0: "00:00", -70 * time.Second: "+01:10"} {
		if got := ends.Left(now.Add(-before)); got != want {
			t.Errorf("%v before the end: %s, want %s", before, got, want)
		}
	}
}
