package board

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

func (r *room) do(t testing.TB, method, path, body string, cookie bool) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if cookie {
		req.AddCookie(instructorCookie(httpserve.NewAuth(workshop.Secret(token))))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(out)
}

func (r *room) get(t testing.TB, path string, cookie bool, status int) string {
	t.Helper()
	code, body := r.do(t, http.MethodGet, path, "", cookie)
	if code != status {
		t.Fatalf("GET %s answers %d, want %d: %s", path, code, status, body)
	}
	return body
}

func (r *recorder) want(t testing.TB, said ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.said, said) {
		t.Fatalf("asked for %q, want %q", r.said, said)
	}
}

func TestBoardJSONIsTheContract(t *testing.T) {
	s := newSample(6)
	s.change(6, func(t *game.Team) { *t = game.Team{Team: 6, Name: "team-6", Group: "team-6", State: "NotJoined"} })
	r := newRoom(t, s)
	var got map[string]any
	if err := json.Unmarshal([]byte(r.get(t, "/api/board", false, http.StatusOK)), &got); err != nil {
		t.Fatal(err)
	}
	fields(t, got, "round", "lesson", "as_of", "stale_since", "frozen", "message", "topic", "partitions", "records_per_second", "teams", "topic_partitions", "step")
	if got["step"] == nil || got["topic_partitions"] == nil {
		t.Errorf("step %v, topic_partitions %v", got["step"], got["topic_partitions"])
	}
	if got["as_of"] != "2026-03-14T14:03:22.000Z" || got["stale_since"] != nil {
		t.Errorf("as_of %v, stale_since %v", got["as_of"], got["stale_since"])
	}
	names := []string{"team", "name", "group", "rank", "points", "badges", "state", "protocol", "stale_since", "members", "more_members",
		"lag", "committed", "lanes", "processed_per_second", "actions", "precision", "recall"}
	for _, team := range got["teams"].([]any) {
		fields(t, team.(map[string]any), names...)
		fields(t, team.(map[string]any)["actions"].(map[string]any), "accepted", "rejected", "duplicate", "unverifiable", "earlier")
	}
	none := got["teams"].([]any)[5].(map[string]any)
	if none["members"] == nil || none["badges"] == nil || none["committed"] == nil || none["lanes"] == nil || none["lag"] != nil || none["protocol"] != nil {
		t.Errorf("a team that is not there yet: %v", none)
	}
	var one map[string]any
	if err := json.Unmarshal([]byte(r.get(t, "/api/teams/3", false, http.StatusOK)), &one); err != nil {
		t.Fatal(err)
	}
	fields(t, one, append(names, "events", "rejected")...)
	for _, path := range []string{"/api/teams/7", "/api/teams/0", "/api/teams/x", "/api/teams/03", "/teams/99", "/events?team=9", "/lessons/cooking", "/assets/none.js"} {
		if body := r.get(t, path, false, http.StatusNotFound); !strings.HasPrefix(body, `{"error":`) {
			t.Errorf("%s answers %q", path, body)
		}
	}
}

func fields(t *testing.T, got map[string]any, names ...string) {
	t.Helper()
	for _, n := range names {
		if _, ok := got[n]; !ok {
			t.Errorf("%s is missing", n)
		}
	}
	if len(got) != len(names) {
		t.Errorf("%d fields, want %d: %v", len(got), len(names), got)
	}
}

func TestActs(t *testing.T) {
	s := newSample(6)
	s.change(2, func(t *game.Team) { t.Members[0].MemberID = "my/odd client-1" })
	for _, c := range []struct {
		path, body string
		status     int
		said       string
	}{
		{"freeze", "", 200, "freeze"},
		{"reveal", "", 200, "reveal play"},
		{"reveal", `{"how":"back"}`, 200, "reveal back"},
		{"reveal", `{"how":"sideways"}`, 400, ""},
		{"reveal", `{"haw":"back"}`, 400, ""},
		{"rounds", "{}", 200, "round"},
		{"message", `{"text":" now: stop one "}`, 200, "message now: stop one"},
		{"message", `{"text":""}`, 200, "message "},
		{"message", `{}`, 400, ""},
		{"message", `{"text":"two\nlines"}`, 400, ""},
		{"message", `{"text":"` + strings.Repeat("x", 201) + `"}`, 400, ""},
		{"message", `{"txt":"x"}`, 400, ""},
		{"teams/2/rename", `{"name":"<b>Otters</b>"}`, 200, "rename team-2 <b>Otters</b>"},
		{"teams/2/rename", `{"name":"  "}`, 400, ""},
		{"teams/2/rename", `{"name":"\u202elive era eW"}`, 400, ""},
		{"teams/2/rename", `{"name":"\u200b\u200b\u200b"}`, 400, ""},
		{"teams/2/rename", `{"name":"Al\u2028pha"}`, 400, ""},
		{"teams/2/rename", `{"name":"فريق"}`, 200, "rename team-2 فريق"},
		{"message", `{"text":"a\u202eb"}`, 400, ""},
		{"teams/9/rename", `{"name":"x"}`, 404, ""},
		{"teams/2/badges/connected/remove", "", 200, "badge team-2 connected"},
		{"teams/2/badges/nothing/remove", "", 404, ""},
		{"teams/2/offsets", `{"to":"latest"}`, 200, "offsets team-2 latest"},
		{"teams/2/offsets", `{"to":"5"}`, 400, ""},
		{"teams/2/members/my%2Fodd%20client-1/remove", "", 200, "member team-2 my/odd client-1"},
		{"teams/2/members/ghost/remove", "", 404, ""},
	} {
		t.Run(c.path+c.body, func(t *testing.T) {
			r := newRoom(t, s)
			if status, _ := r.do(t, http.MethodPost, "/api/instructor/"+c.path, c.body, false); status != http.StatusUnauthorized {
				t.Errorf("without the token: %d", status)
			}
			status, body := r.do(t, http.MethodPost, "/api/instructor/"+c.path, c.body, true)
			if status != c.status || (status != 200 && !strings.HasPrefix(body, `{"error":`)) {
				t.Errorf("answers %d %s, want %d", status, body, c.status)
			}
			if c.said == "" {
				r.commands.want(t)
			} else {
				r.commands.want(t, c.said)
			}
		})
	}
}

// The errors of commands have statuses and texts that the instructor's page can show. Other errors may contain what nobody
// may read.
func TestErrorsOfCommandsHaveStatuses(t *testing.T) {
	r := newRoom(t, newSample(2))
	for _, c := range []struct {
		err    error
		status int
		text   string
	}{
		{game.ErrNoTeam, 404, "there is no such team"},
		{game.ErrNoBadge, 404, "the team does not have that badge"},
		{fmt.Errorf("remove member x of team-2: %w", game.ErrNoMember), 404, "remove member x of team-2: the group has no such member"},
		{game.ErrFrozen, 409, "the board is frozen already"},
		{game.ErrNotFrozen, 409, "the board is not frozen"},
		{fmt.Errorf("set the offsets of team-2: %w", game.ErrGroupBusy), 409, "set the offsets of team-2: the group has members: stop them first"},
		{fmt.Errorf("%w: %q", game.ErrReveal, "sideways"), 400, `a reveal takes play, pause, next, back or all: \"sideways\"`},
		{fmt.Errorf("%w: %w", game.ErrKafka, errors.New("not authorized")), 502, "Kafka rejected the request: not authorized"},
		{game.StandbyError{Holder: "laptop-b"}, 503, "this leaderboard stands by: ask laptop-b"},
		{game.ErrStoreUnavailable, 503, "Postgres does not answer: nothing was changed, try again"},
		{game.ErrStoreInDoubt, 503, "Postgres does not answer: check whether the change is there before you try again"},
		{game.ErrShuttingDown, 503, "the leaderboard is shutting down"},
		{errors.New("dial postgres://user:secret@db"), 500, "internal error: see the service's log"},
	} {
		r.commands.err = c.err
		status, body := r.do(t, http.MethodPost, "/api/instructor/teams/2/offsets", `{"to":"latest"}`, true)
		if want := `{"error":"` + c.text + `"}`; status != c.status || body != want {
			t.Errorf("%v: %d %s, want %d %s", c.err, status, body, c.status, want)
		}
	}
}

func TestATeamsPageSaysWhyAndWhatToDo(t *testing.T) {
	s := newSample(6)
	s.change(3, func(t *game.Team) {
		t.Notes, t.Actions.Earlier = []string{"No Connected yet. Start one more member."}, 182
		t.Rejected = []game.Rejection{{Of: game.OfStats, At: sampleNow, Reason: "processed is a string"}}
		t.Committed[0] = game.Commit{Committed: new(int64), Start: 6472, End: 6480}
	})
	page := newRoom(t, s).get(t, "/teams/3", false, http.StatusOK)
	for _, want := range []string{"No Connected yet. Start one more member.", "<dt>earlier</dt><dd>182</dd>", "stats: <b>", "processed is a string", `<td class="r">6480</td><td class="r">8</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

func TestExports(t *testing.T) {
	s := newSample(6)
	s.change(2, func(t *game.Team) { t.Name = `=HYPERLINK("x")` })
	r := newRoom(t, s)
	lines, err := csv.NewReader(strings.NewReader(r.get(t, "/api/instructor/export.csv", true, http.StatusOK))).ReadAll()
	if err != nil || len(lines) != 7 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if lines[1][4] != `'=HYPERLINK("x")` || lines[1][6] != "550" {
		t.Errorf("the first line is %q", lines[1])
	}
	var out struct {
		Teams []game.TeamDetail
		Log   []map[string]any
	}
	// Earned and Event contain times that can only be marshalled, so the times are read as text elsewhere.
	text := r.get(t, "/api/instructor/export.json", true, http.StatusOK)
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw["log"], &out.Log); err != nil || len(out.Log) != 3 {
		t.Errorf("the log has %d events, %v", len(out.Log), err)
	}
	if !strings.Contains(string(raw["teams"]), `"events"`) {
		t.Error("teams come without their events")
	}
}

func TestGuideShowsTheLessonsOwnSections(t *testing.T) {
	html, err := guide("# All\n\n## Mine\n<!-- lesson: scale-up -->\n\nyours\n\n## Other\n<!-- lesson: web-events -->\n\ntheirs\n\n## Two\n<!-- lesson: web-events scale-up -->\n\nours\n\n## Both\n\n<script>x</script>\n", "scale-up")
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{`<h1 id="all">All</h1>`, `<h2 id="mine">Mine</h2>`, "yours", "ours", `<h2 id="both">Both</h2>`} {
		if !strings.Contains(string(html), has) {
			t.Errorf("%s is missing from %s", has, html)
		}
	}
	for _, hasNot := range []string{"theirs", "<script", "lesson:"} {
		if strings.Contains(string(html), hasNot) {
			t.Errorf("%s is in %s", hasNot, html)
		}
	}
}

func TestEveryTemplateInEveryState(t *testing.T) {
	for name, s := range states() {
		r := newRoom(t, s)
		for _, theirs := range []string{workshop.ScaleUp.Name, workshop.RebalancingDemo.Name} {
			lesson, err := workshop.LessonNamed(theirs)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range []*game.Board{&s.Public, &s.Truth} {
				b.Lesson, b.Badges = theirs, game.Badges(lesson)
			}
			v := newSnapshot(s.View, r.curves, leastScale, false)
			v.above = func() []spec { return r.aboveRows(v) }
			all := append(r.roomParts(v, 1, sampleNow), r.instructorParts(v, 1, "")...)
			for _, team := range s.Public.Teams {
				all = append(all, r.teamParts(v, team.Team)...)
			}
			for _, p := range all {
				if html := p.render(); p.event == "part" && (!strings.Contains(html, `id="`+p.id+`"`) || strings.Contains(html, "ZgotmplZ")) {
					t.Errorf("%s: part %s is %q", name, p.id, html)
				}
			}
		}
	}
}
