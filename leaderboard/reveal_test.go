package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/board"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/refereetest"
)

// A revealRoom is a referee on a real Postgres, with the pages in front of it.
type revealRoom struct {
	*refereetest.Bench
	url string
}

func newRevealRoom(t *testing.T, database string) *revealRoom {
	t.Helper()
	b := refereetest.New(t, database)
	pages, err := board.New(board.Config{
		Lesson: workshop.ScaleUp, Auth: httpserve.NewAuth("0123456789abcdef"), Log: slog.New(slog.DiscardHandler),
		Commands: commands{Referee: b.Referee},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Forward(pages.Publish)
	engine := httpserve.Engine(slog.New(slog.DiscardHandler), "")
	pages.Register(engine)
	srv := httptest.NewServer(engine)
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return &revealRoom{b, srv.URL}
}

func (r *revealRoom) ask(t *testing.T, method, path, body, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s answers %s: %s %v", method, path, resp.Status, out, err)
	}
	return string(out)
}

func (r *revealRoom) reveal(t *testing.T, how string) {
	t.Helper()
	r.ask(t, http.MethodPost, "/api/instructor/reveal", `{"how":"`+how+`"}`, "0123456789abcdef")
}

// hides fails if a public route reveals what is still hidden, with or without a token.
func (r *revealRoom) hides(t *testing.T, secrets ...string) {
	t.Helper()
	for _, token := range []string{"", "0123456789abcdef"} {
		for _, path := range []string{"/", "/teams/1", "/teams/2", "/api/board", "/api/teams/1", "/api/teams/2"} {
			body := r.ask(t, http.MethodGet, path, "", token)
			for _, secret := range secrets {
				if found := regexp.MustCompile(secret).FindString(body); found != "" {
					t.Errorf("%s tells %q before it is revealed", path, found)
				}
			}
		}
	}
}

// Nothing leaks by any public route at any step, even after a restart in the middle. A playing reveal continues with the next
// leaderboard, and ends with the board live again.
func TestARevealTellsNoMoreThanItsSteps(t *testing.T) {
	database := postgrestest.URL(t)
	r := newRevealRoom(t, database)
	r.Until(t, "the lock", refereetest.Leading)
	r.HandleSweep(refereetest.Sweep("a"))
	r.Until(t, "a badge", refereetest.Points(110))
	r.ask(t, http.MethodPost, "/api/instructor/freeze", "", "0123456789abcdef")
	two := refereetest.Sweep("a", "b")
	two.Groups = append(two.Groups, game.GroupFact{Team: 2, State: "Stable", Protocol: "classic", Members: []game.MemberFact{
		{ID: "c", OnTopic: true, Partitions: []int32{0, 1, 2, 3, 4}}}})
	two.Strangers = []game.Stranger{{Group: "tema-7"}}
	r.HandleSweep(two)
	r.Until(t, "the truth behind the freeze", func(v game.View) bool { return v.Truth.Teams[0].Points == 220 && v.Truth.Teams[1].Points == 100 })
	scaled := `"points":220|data-points="220"|team-1 is the first to scale|"badge":"scaled"|data-badge="scaled" data-got="1"|tema-7|class="place1"`
	connected := `"points":100|data-points="100"|team-2 connects`
	r.hides(t, scaled, connected)
	r.reveal(t, game.RevealNext)
	r.hides(t, scaled, connected)
	r.reveal(t, game.RevealNext)
	r.Until(t, "the first step", func(v game.View) bool { return v.Public.Teams[1].Points == 100 })
	r.hides(t, scaled)
	r.Stop()

	r = newRevealRoom(t, database)
	r.Until(t, "the first step again", func(v game.View) bool { return refereetest.Leading(v) && v.Public.Teams[1].Points == 100 })
	r.hides(t, scaled)
	r.reveal(t, game.RevealBack)
	r.Until(t, "no step", func(v game.View) bool { return v.Public.Teams[1].Points == 0 })
	r.hides(t, scaled, connected)
	r.reveal(t, game.RevealPlay)
	r.Until(t, "the last step", func(v game.View) bool { return v.Public.Frozen && v.Public.Teams[0].Points == 220 })
	v := r.Until(t, "the live board", func(v game.View) bool { return !v.Public.Frozen })
	if v.Public.Teams[0].Points != 220 || v.Public.Teams[1].Points != 100 {
		t.Errorf("revealed: %+v", v.Public.Teams)
	}
	r.standsOnThePodium(t, true)
	r.Stop()

	r = newRevealRoom(t, database)
	r.Until(t, "the podium again", func(v game.View) bool { return refereetest.Leading(v) && v.Public.Podium != nil })
	r.standsOnThePodium(t, true)
	r.ask(t, http.MethodPost, "/api/instructor/podium/dismiss", "", "0123456789abcdef")
	r.Until(t, "no podium", func(v game.View) bool { return v.Public.Podium == nil })
	r.standsOnThePodium(t, false)
}

// standsOnThePodium fails unless the board shows the two teams on the podium, or none if stands is false.
func (r *revealRoom) standsOnThePodium(t *testing.T, stands bool) {
	t.Helper()
	body := r.ask(t, http.MethodGet, "/", "", "")
	podium := regexp.MustCompile(`(?s)<section id="podium".*?</section>`).FindString(body)
	places := regexp.MustCompile(`<li class="place(\d)".*?>(team-\d)</a>`).FindAllStringSubmatch(podium, -1)
	if !stands && len(places) == 0 {
		return
	}
	if len(places) != 2 || places[0][1] != "2" || places[0][2] != "team-2" || places[1][1] != "1" || places[1][2] != "team-1" {
		t.Errorf("the podium is %q", podium)
	}
}
