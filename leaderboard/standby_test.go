package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Every leaderboard serves the room's pages. What only the holder can do leads to the holder. When it dies, the others
// continue: one of them holds the room, and the last one follows it.
func TestEveryReplicaServesThePages(t *testing.T) {
	w := newWork(t, kafkatest.New(t))
	database := postgrestest.URL(t)
	t.Setenv("WORKSHOP_SECRET", "a secret of this test alone")
	replicas := make([]*program, 3)
	for i := range replicas {
		replicas[i] = startAdvertised(t, w.Cluster, database)
		if i == 0 {
			replicas[0].ready(t, http.StatusOK)
		}
	}
	holder, followers := replicas[0], replicas[1:]
	for _, p := range followers {
		p.ready(t, http.StatusOK)
	}

	leave := w.joinGroup(t, w.Group(1), w.Topic(), kgo.RangeBalancer())
	defer leave()
	leaveToo := w.joinGroup(t, w.Group(1), w.Topic(), kgo.RangeBalancer())
	defer leaveToo()
	for _, p := range replicas {
		p.until(t, "two members that earned a badge", func(b game.Board) bool {
			return len(b.Teams[0].Members) == 2 && owned(b.Teams[0]) == 5 && len(b.Teams[0].Badges) > 0
		})
	}

	t.Run("frozen", func(t *testing.T) {
		if status := holder.freeze(t); status != http.StatusOK {
			t.Fatal(status)
		}
		before := followers[0].until(t, "a frozen board", func(b game.Board) bool { return b.Frozen }).Teams[0].Points
		for range 4 {
			leave := w.joinGroup(t, w.Group(1), w.Topic(), kgo.RangeBalancer())
			defer leave()
		}
		wait.Until(t, "the spare badge, in truth", func() bool {
			_, text := holder.authorised(t, "/api/instructor/board")
			return strings.Contains(text, `"badge":"spare"`)
		})
		b := followers[0].until(t, "six members", func(b game.Board) bool { return len(b.Teams[0].Members) == 6 })
		if b.Teams[0].Points != before {
			t.Errorf("a follower shows %d points, %d were frozen", b.Teams[0].Points, before)
		}
		w.everyPartIsPublic(t, "spare")
	})

	t.Run("the instructor is led to the holder", func(t *testing.T) {
		direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for _, path := range []string{"/instructor", "/instructor/handouts?x=1", "/api/instructor/board"} {
			res, err := direct.Get(followers[0].url + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // only the header is needed
			if res.StatusCode != http.StatusTemporaryRedirect || res.Header.Get("Location") != holder.url+path {
				t.Errorf("%s: %d to %q", path, res.StatusCode, res.Header.Get("Location"))
			}
		}
	})

	t.Run("a vote at each replica counts once", func(t *testing.T) {
		wait.Until(t, "a question", func() bool { return holder.act(t, "prediction", `{"question":"split","team":1}`) == http.StatusOK })
		for i, p := range replicas {
			wait.Until(t, "the question", func() bool { return p.prediction(t).Phase == game.PredictionOpen })
			if status := p.vote(t, fmt.Sprint(i%2)); status != http.StatusSeeOther && status != http.StatusOK {
				t.Errorf("a vote at replica %d: %d", i, status)
			}
		}
		for _, p := range replicas {
			wait.Until(t, "three votes", func() bool { return p.prediction(t).Votes == 3 })
		}
		wait.Until(t, "three votes that are stored", func() bool { return storedVotes(t, database) == 3 })
	})

	t.Run("the holder dies", func(t *testing.T) {
		holder.kill()
		next := followers[0]
		wait.Until(t, "another holder", func() bool {
			for _, p := range followers {
				if status, _ := p.authorised(t, "/api/instructor/board"); status == http.StatusOK { // not a redirect to another leaderboard, which would get no token
					next = p
					return true
				}
			}
			return false
		})
		if status := next.act(t, "message", `{"text":"we go on"}`); status != http.StatusOK {
			t.Fatal(status)
		}
		for _, p := range followers {
			b := p.until(t, "the new holder's line", func(b game.Board) bool { return b.Message == "we go on" })
			if len(b.Teams[0].Badges) == 0 {
				t.Error("a badge is lost")
			}
		}
		if n := storedVotes(t, database); n != 3 {
			t.Errorf("%d votes are stored", n)
		}
	})
}

// startAdvertised starts a leaderboard that advertises its address to the others.
func startAdvertised(t *testing.T, c *kafkatest.Cluster, database string) *program {
	t.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, c, database, "--listen", addr, "--advertise-url", "http://"+addr)
	p.url = "http://" + addr
	return p
}

// everyPartIsPublic reads the topic of the followers and fails if it contains a badge of a frozen board.
func (w *work) everyPartIsPublic(t *testing.T, badge string) {
	t.Helper()
	for _, r := range w.all(t, w.Namespace.Name(workshop.ViewTopic)) {
		if strings.Contains(string(r.Value), `"badge":"`+badge+`"`) {
			t.Errorf("%s tells of the badge behind the freeze: %s", r.Key, r.Value)
		}
	}
}

func TestMetricsTellNothingBehindAFreeze(t *testing.T) {
	team := func(badges, members int) []game.Team {
		return []game.Team{{Badges: make([]game.Earned, badges), Members: make([]game.Member, members)}}
	}
	m := newMetrics()
	m.update(game.View{Public: game.Board{Frozen: true, Teams: team(2, 3)}, Truth: game.Board{Frozen: true, Teams: team(7, 3)}})

	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for _, line := range []string{"leaderboard_badges 2", "leaderboard_members 3"} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("/metrics does not say %q", line)
		}
	}
}
