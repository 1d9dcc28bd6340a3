package inspect

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"
)

// A watch shows the letter that the board gives each member, and keeps it while the board is away.
func TestAWatchHasTheBoardsLetters(t *testing.T) {
	c := kafkatest.New(t)
	topic, name := c.Namespace.Name("t"), c.Namespace.Name("g")
	c.CreateTopic(t, topic, 2, nil)
	admin := c.Client(t)
	member(t, c, "one", name, topic)
	stable := await(t, admin, name, func(g *group.Group) bool { return g.State == "Stable" && len(g.Members) == 1 })

	var away atomic.Bool
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() || r.URL.Path != "/api/teams/7" {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, `{"members":[{"member_id":%q,"colour":5}]}`, stable.Members[0].ID)
	}))
	defer board.Close()

	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	out, notes := newLines(), newLines()
	watch := Describe{Group: name, Watch: 100 * time.Millisecond, Board: Board{URL: board.URL + "/", Team: 7}}
	ended := make(chan error, 1)
	go func() { ended <- watch.Run(ctx, admin, out, notes) }()

	out.await(t, "  F "+name)
	away.Store(true)
	member(t, c, "two", name, topic)
	out.await(t, "A "+name) // the lowest that is free
	if out.has("B " + name) {
		t.Error("the board's colour is forgotten: it would be A, and the other member's B")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Without an answer, the colours are those that the board would give: by member ID, the lowest that is free.
func TestColoursWithoutABoard(t *testing.T) {
	var o owners
	o.update(t.Context(), &group.Group{Members: []group.Member{{ID: "a"}, {ID: "b"}, {ID: "c"}}})
	o.update(t.Context(), &group.Group{Members: []group.Member{{ID: "b"}, {ID: "d"}}})
	got := fmt.Sprint(o.of("b"), o.of("d"), o.of("a"), o.of(""))
	if want := "1 0 - -"; strings.TrimSpace(got) != want {
		t.Errorf("colours %s, want %s", got, want)
	}
}
