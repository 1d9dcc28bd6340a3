package board

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"
)

// ask adds a question to the sample.
func (s *sample) ask(id int64, phase string) {
	p := &game.PredictionView{ID: id, Phase: phase, Question: "team-3 has one member of range for 5 partitions. One more joins: how are they shared?", Team: 3}
	for i, text := range []string{"5 + 0", "3 + 2", "4 + 1", "5 + 5"} {
		p.Options = append(p.Options, game.OptionView{Option: i, Text: text})
	}
	s.Public.Prediction, s.Truth.Prediction = p, p
}

// phone returns a client that keeps its cookies.
func phone(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
}

func (r *room) open(t *testing.T, client *http.Client, path string) {
	t.Helper()
	resp, err := client.Get(r.url + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, resp.Status)
	}
}

func (r *room) voteBy(t *testing.T, client *http.Client, body string) (status int, fault string) {
	t.Helper()
	resp, err := client.Post(r.url+"/api/prediction/vote", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&answer) // the status is what matters
	return resp.StatusCode, answer.Error
}

func TestAPhoneVotes(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	guest, member := phone(t), phone(t)
	if got := strings.TrimSpace(r.get(t, "/api/prediction", false, http.StatusOK)); got != "null" {
		t.Errorf("before any question: %s", got)
	}
	if status, _ := r.voteBy(t, guest, `{"option":1}`); status != http.StatusForbidden {
		t.Errorf("without a voter: %d", status)
	}
	r.open(t, guest, "/predict")
	r.open(t, member, "/j/"+r.cfg.Admission.Code(3))
	if status, _ := r.voteBy(t, guest, `{"option":1}`); status != http.StatusConflict {
		t.Errorf("before any question: %d", status)
	}

	s.ask(1, game.PredictionOpen)
	r.show(s)
	for _, c := range []struct {
		who  *http.Client
		body string
		want int
	}{
		{guest, `{"option":0}`, 200}, {guest, `{"option":1}`, 200}, {member, `{"option":1}`, 200},
		{guest, `{}`, 400}, {guest, `{"option":9}`, 400}, {guest, `{"option":-1}`, 400},
	} {
		if status, fault := r.voteBy(t, c.who, c.body); status != c.want {
			t.Errorf("%s: %d %s", c.body, status, fault)
		}
	}

	var seen game.PredictionView
	if err := json.Unmarshal([]byte(r.get(t, "/api/prediction", false, http.StatusOK)), &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Votes != 2 || seen.Counts != nil || seen.Answer != nil || seen.ID != 1 || len(seen.Options) != 4 {
		t.Errorf("while it is open: %+v", seen)
	}
	if tally := r.ballot.Tally(); !slices.Equal(tally.Counts, []int{0, 2, 0, 0}) || !slices.Equal(tally.Teams[3], []int{0, 1, 0, 0}) || len(tally.Teams) != 1 {
		t.Errorf("%+v", tally)
	}

	s.ask(1, game.PredictionClosed)
	r.show(s)
	if status, _ := r.voteBy(t, guest, `{"option":0}`); status != http.StatusConflict {
		t.Errorf("after closing: %d", status)
	}
}

func TestAForgedVoterIsNone(t *testing.T) {
	s := newSample(6)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	at, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	honest := phone(t)
	r.open(t, honest, "/predict")
	own := honest.Jar.Cookies(at)[0]
	other := &Board{cfg: Config{VoterKey: []byte("of another room")}}
	for what, value := range map[string]string{
		"of no form": "x", "unsigned": "abc.3", "with another team": strings.Replace(own.Value, ".0.", ".3.", 1),
		"of another room": "abc.3." + other.signVoter("abc.3"), "empty": "",
	} {
		forger := phone(t)
		forger.Jar.SetCookies(at, []*http.Cookie{{Name: voterCookie, Value: value}})
		if status, _ := r.voteBy(t, forger, `{"option":1}`); status != http.StatusForbidden {
			t.Errorf("a cookie %s: %d", what, status)
		}
	}
	if status, fault := r.voteBy(t, honest, `{"option":1}`); status != http.StatusOK {
		t.Errorf("the honest one: %d %s", status, fault)
	}
}

func TestABrowserVotesWithKeysAndSeesTheAnswer(t *testing.T) {
	s := newSample(6)
	s.ask(1, game.PredictionOpen)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/predict", 390, 844)
	want(t, tab, `document.querySelectorAll('.option').length === 4 && document.documentElement.scrollWidth <= innerWidth`)
	tab.Screenshot(t, "predict-open")
	evaluate(t, tab, `document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '2', bubbles: true}))`)
	want(t, tab, `document.querySelector('.option.mine')?.value === '1' && document.getElementById('voted').textContent.startsWith('Your vote counts')`)
	if got := r.ballot.Tally().Counts; !slices.Equal(got, []int{0, 1, 0, 0}) {
		t.Errorf("counted: %v", got)
	}

	tab.Open(t, r.url+"/predict", 390, 844) // a reload keeps the vote
	want(t, tab, `document.querySelector('.option.mine')?.value === '1'`)

	s.ask(1, game.PredictionAnswered)
	s.Public.Prediction.Counts = []int{0, 1, 0, 0}
	s.Public.Prediction.Answer = &game.AnswerView{Option: 1, Because: "Each partition has one owner in a group. Range shares them out again: 3 + 2.", Evidence: json.RawMessage("{}")}
	r.show(s)
	want(t, tab, `document.querySelector('.option.right')?.value === '1' && document.querySelector('.because').textContent.includes('one owner')`)
	tab.Screenshot(t, "predict-answered")
	quiet(t, tab)
}

func TestTheInstructorAsks(t *testing.T) {
	r := newRoom(t, newSample(3))
	var said []string
	for _, c := range []struct{ path, body, said string }{
		{"prediction", `{"question":"split","team":3}`, "ask split 3"}, {"prediction", `{"question":"split"}`, "ask split 0"},
		{"prediction/again", "{}", "again"}, {"prediction/close", "{}", "close"}, {"prediction/cancel", "{}", "cancel"},
		{"prediction/answer", `{"option":2}`, "answer 2"},
	} {
		if status, body := r.do(t, http.MethodPost, "/api/instructor/"+c.path, c.body, true); status != http.StatusOK {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
		said = append(said, c.said)
		r.commands.want(t, said...)
	}
	for path, body := range map[string]string{"prediction": "{}", "prediction/answer": "{}"} {
		if status, _ := r.do(t, http.MethodPost, "/api/instructor/"+path, body, true); status != http.StatusBadRequest {
			t.Errorf("%s %s: %d", path, body, status)
		}
	}
	if deck := r.get(t, "/api/instructor/questions", true, http.StatusOK); !strings.HasPrefix(deck, `[{"id":"split"`) {
		t.Errorf("the deck is %s", deck)
	}
	r.get(t, "/api/instructor/questions", false, http.StatusUnauthorized)
}

func TestThePresenterAsksClosesAndSeesTheTally(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	evaluate(t, tab, `document.querySelector('#prediction summary').click()`)
	want(t, tab, `document.querySelector('#deck button')?.textContent === 'Ask'`)
	evaluate(t, tab, `document.querySelector('#deck button').click()`)
	want(t, tab, `document.querySelector('#result').textContent === 'Done.'`)
	r.commands.want(t, "ask split 1")

	s.ask(1, game.PredictionOpen)
	r.show(s)
	want(t, tab, `document.querySelector('#prediction h2')?.textContent.startsWith('team-3 has one member')`)
	want(t, tab, `!document.querySelector('.tally') && document.querySelector('#prediction').textContent.includes('0 votes')`)
	if err := r.ballot.Cast(1, "a", 1, 0, "", sampleNow); err != nil {
		t.Fatal(err)
	}
	r.show(s)
	want(t, tab, `document.querySelector('#prediction').textContent.includes('1 vote,')`)

	s.ask(1, game.PredictionClosed)
	s.Truth.Prediction.Counts, s.Truth.Prediction.FirstCounts = []int{1, 3, 0, 0}, []int{3, 1, 0, 0}
	r.show(s)
	want(t, tab, `document.querySelectorAll('.tally li').length === 4 && !document.querySelector('.tally button')`)
	want(t, tab, `document.querySelector('.tally').textContent.includes('1 before the talk')`)
	s.ask(1, game.PredictionClosed)
	s.Truth.Prediction.Counts, s.Truth.Prediction.Reason = []int{1, 3, 0, 0}, "could not be observed: nothing that decides it happened within 90 s"
	r.show(s)
	want(t, tab, `document.querySelectorAll('.tally button').length === 4`)
	tab.Screenshot(t, "presenter-asks")
	quiet(t, tab)
}

// The game's longest question, options and answer fit above the lanes of 15 and of 30 teams.
func TestTheLongestAnswerFits(t *testing.T) {
	for _, teams := range []int{15, 30} {
		s := newSample(teams)
		s.ask(1, game.PredictionAnswered)
		p := s.Public.Prediction
		p.Question = "The consumer group group-12 has a member for each of the 5 partitions. One more joins: what happens?"
		p.Counts, p.FirstCounts = []int{4, 21, 3, 0}, []int{12, 9, 6, 1}
		for i, text := range []string{"Kafka refuses a member that is one too many", "One member gets it, the others keep theirs", "All of them: each takes the next free jobs", "To others, before the group has missed it"} {
			p.Options[i].Text = text
		}
		p.Answer = &game.AnswerView{Option: 1, Because: "Each partition has one owner in a group, and all 5 have one. The member without any is the newcomer."}
		r := newRoom(t, s)
		tab := browsertest.New(t)
		tab.Open(t, r.url+"/", 1920, 1080)
		want(t, tab, `document.querySelector('#asked .because')?.checkVisibility()`)
		tab.Screenshot(t, "longest-answer-"+strconv.Itoa(teams))
		want(t, tab, `(() => { const box = e => e.getBoundingClientRect(), all = [...document.querySelectorAll('#asked h2, #asked .bar, #asked .because')].map(box);
			return all.every((b, i) => !i || b.top >= all[i - 1].bottom - 1) && all.at(-1).bottom <= box(document.querySelector('#asked')).bottom; })()`)
		quiet(t, tab)
	}
}
