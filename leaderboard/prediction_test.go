package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

// prediction returns what everybody may see of the prediction.
func (p *program) prediction(t testing.TB) (v game.PredictionView) {
	t.Helper()
	if _, body := p.get("/api/prediction"); body != "" {
		_ = json.Unmarshal([]byte(body), &v) // missing fields are noticed below
	}
	return v
}

// vote opens the voting page with a separate browser and votes.
func (p *program) vote(t *testing.T, option string) int {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	page, err := browser.Get(p.url + "/predict")
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close()
	answer, err := browser.Post(p.url+"/api/prediction/vote", "application/json", strings.NewReader(`{"option":`+option+`}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// The room gets a question and votes, and a real member joins: the group's next stable assignment is the answer. A kill in
// between loses neither the question nor a vote.
func TestTheBrokerAnswersAPrediction(t *testing.T) {
	c := kafkatest.New(t)
	w := newWork(t, c)
	database := postgrestest.URL(t)
	p := start(t, c, database)
	p.ready(t, http.StatusOK)
	defer w.keepOn(t)()
	defer w.member(t)()
	wait.Until(t, "a question that can be asked", func() bool {
		return p.act(t, "prediction", `{"question":"split","team":1}`) == http.StatusOK
	})

	asked := p.prediction(t)
	if asked.Phase != game.PredictionOpen || asked.Team != 1 || len(asked.Options) < 3 {
		t.Fatalf("%+v", asked)
	}
	for _, option := range []string{"0", "1", "1"} {
		if status := p.vote(t, option); status != http.StatusOK {
			t.Fatalf("a vote is answered %d", status)
		}
	}
	wait.Until(t, "three votes", func() bool { return p.prediction(t).Votes == 3 })
	wait.Until(t, "votes that are stored", func() bool { return storedVotes(t, database) == 3 })
	p.kill()
	p = start(t, c, database)
	p.ready(t, http.StatusOK)
	wait.Until(t, "three votes after a kill", func() bool { return p.prediction(t).Votes == 3 })

	// Closing compares the group with the question: the group must be known again after the start.
	wait.Until(t, "the group as it was", func() bool {
		status, body := p.authorised(t, "/api/instructor/questions")
		return status == http.StatusOK && strings.Contains(body, asked.Question)
	})
	if status := p.act(t, "prediction/close", "{}"); status != http.StatusOK {
		t.Fatalf("closing is answered %d", status)
	}
	if got := p.prediction(t); got.Phase != game.PredictionClosed || got.Counts == nil || got.Counts[1] != 2 {
		t.Fatalf("closed: %+v", got)
	}
	if status := p.vote(t, "0"); status != http.StatusConflict {
		t.Errorf("a vote after closing is answered %d", status)
	}

	defer w.member(t)()
	var got game.PredictionView
	wait.Until(t, "the answer", func() bool { got = p.prediction(t); return got.Phase != game.PredictionClosed })
	if got.Answer == nil || got.Options[got.Answer.Option].Text != "3 + 2" || !strings.Contains(got.Answer.Because, "one owner") || len(got.Answer.Evidence) < 3 {
		t.Errorf("%+v, %+v", got, got.Answer)
	}
	p.toldAfterwards(t, database, got)
}

// toldAfterwards checks that the story and the exports have the answered prediction, and that no export identifies voters.
func (p *program) toldAfterwards(t *testing.T, database string, got game.PredictionView) {
	t.Helper()
	if _, story := p.get("/teams/2/story"); !strings.Contains(story, "Nobody voted for the team.") || !strings.Contains(story, "Before: A P0–P4.") {
		t.Errorf("the story is %s", story)
	}
	for path, has := range map[string]string{"export.json": `"because": "Each partition has one owner`, "predictions.csv": ",3 + 2,true,0,0,"} {
		var text string
		wait.For(t, path, func() error { // exports contain only what is stored
			var status int
			status, text = p.authorised(t, "/api/instructor/"+path)
			if status != http.StatusOK || !strings.Contains(text, has) || !strings.Contains(text, got.Question) {
				return fmt.Errorf("it lacks %s: %d %s", has, status, text)
			}
			return nil
		})
		for _, id := range voterIDs(t, database) {
			if strings.Contains(text, id) {
				t.Errorf("%s says that %s voted", path, id)
			}
		}
	}
}

func voterIDs(t *testing.T, database string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }() // nothing was written
	rows, err := conn.Query(t.Context(), "SELECT voter FROM votes")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) != 3 {
		t.Fatalf("%d voters, %v", len(ids), err)
	}
	return ids
}

func storedVotes(t testing.TB, database string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }() // nothing was written
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM votes").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
