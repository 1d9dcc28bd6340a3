package board

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// predicted returns four predictions of a round: one that team 1 predicted right, one that it predicted wrong, one that was
// cancelled, and one that waits for its answer.
func predicted() []game.Prediction {
	at := func(minutes int) time.Time { return sampleNow.Add(time.Duration(minutes) * time.Minute) }
	split := game.Prediction{
		ID: 4, Round: 2, Phase: game.PredictionAnswered, OpenedAt: at(-9), AgainAt: at(-8), ClosedAt: at(-7), DecidedAt: at(-6),
		Question: game.Question{Kind: game.AskSplit, Team: 3, Text: longName + " has one member of range for 5 partitions. One more joins: how are they shared?", Options: []string{"5 + 0", "3 + 2", "4 + 1", "5 + 5"}},
		Tally: &game.Tally{
			Votes: 12, Counts: []int{2, 7, 3, 0}, Teams: map[int][]int{1: {1, 4, 0, 0}, 2: {1, 1, 0, 0}},
			First: []int{8, 4, 0, 0}, FirstTeams: map[int][]int{1: {4, 1, 0, 0}},
		},
		Answer: &game.Answer{Option: 1, Because: "Each partition has one owner in a group. Range shares them out again: 3 + 2.", Evidence: json.RawMessage(`{"before":{"A":[0,1,2,3,4]},"after":{"A":[0,1,2],"B":[3,4]}}`)},
	}
	silence := game.Prediction{
		ID: 5, Round: 2, Phase: game.PredictionAnswered, OpenedAt: at(-5), ClosedAt: at(-4), DecidedAt: at(-3),
		Question: game.Question{Kind: game.AskSilence, Team: 1, Text: "A member of team-1 is killed. How long until its partitions are read again?", Options: []string{"Less than 3 s", "3 to 20 s", "20 s to a minute", "Longer than a minute"}},
		Tally:    &game.Tally{Votes: 3, Counts: []int{2, 1, 0, 0}, Teams: map[int][]int{1: {2, 1, 0, 0}}},
		Answer:   &game.Answer{Option: 1, Because: "As the instructor saw it.", Evidence: json.RawMessage("{}"), ByHand: true},
	}
	idle := game.Prediction{
		ID: 6, Round: 2, Phase: game.PredictionCancelled, Reason: "team-2 changed otherwise: 2 members joined and 0 members left", OpenedAt: at(-3), ClosedAt: at(-2), DecidedAt: at(-2),
		Question: game.Question{Kind: game.AskIdle, Team: 2, Text: "One more joins: what happens?", Options: []string{"Two members share a partition", "One member has nothing to read"}},
		Tally:    &game.Tally{Votes: 1, Counts: []int{1, 0}},
	}
	goodbye := game.Prediction{
		ID: 7, Round: 2, Phase: game.PredictionClosed, OpenedAt: at(-1), ClosedAt: at(-1),
		Question: game.Question{Kind: game.AskGoodbye, Team: 2, Text: "A member leaves.", Options: []string{"Less than 3 s", "3 to 20 s"}},
		Tally:    &game.Tally{Votes: 2, Counts: []int{1, 1}, Teams: map[int][]int{1: {1, 1}}},
	}
	return []game.Prediction{split, silence, idle, goodbye}
}

func (s *sample) predicted() *sample {
	s.Public.Predictions, s.Truth.Predictions = predicted(), predicted()
	return s
}

func TestTheStoryTellsATeamsPredictions(t *testing.T) {
	s := newSample(6).predicted()
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/teams/1/story", 390, 844)
	guess := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll('.guesses > li')[%d].textContent`, n)
	}
	for n, texts := range [][]string{
		{"5 + 0 1 4 before the talk", "3 + 2 4 1 before the talk", "team's choice", "Right: it counts for Foresight.", "3 + 2: Each partition has one owner", "Before: A P0–P4. After: A P0–P2, B P3 P4."},
		{"Less than 3 s 2 the team's choice", "The team expected something else.", "3 to 20 s: As the instructor saw it."},
		{"No answer: team-2 changed otherwise"},
		{"Less than 3 s 1", "Kafka has not answered yet."},
	} {
		for _, text := range texts {
			if got := tab.Text(t, guess(n)); !strings.Contains(got, text) {
				t.Errorf("prediction %d lacks %q: %s", n, text, got)
			}
		}
	}
	want(t, tab, `document.body.textContent.includes('1 of 3 right predictions for Foresight.')`)
	want(t, tab, `document.documentElement.scrollWidth <= innerWidth`)
	evaluate(t, tab, `document.querySelector('.guesses').scrollIntoView()`)
	tab.Screenshot(t, "story-predictions")
	quiet(t, tab)

	for team, text := range map[int]string{2: "No option had more than half", 3: "Nobody voted for the team."} {
		if page := r.get(t, fmt.Sprintf("/teams/%d/story", team), false, http.StatusOK); !strings.Contains(page, text) || !strings.Contains(page, "0 of 3 right") {
			t.Errorf("the story of team %d lacks %q", team, text)
		}
	}
	s.Public.Predictions = nil
	r.show(s)
	if page := r.get(t, "/teams/1/story", false, http.StatusOK); strings.Contains(page, "Predictions") {
		t.Error("a round without predictions has the heading")
	}
}

func TestTheStoryBehindTheFreezeTellsNoVerdict(t *testing.T) {
	s := newSample(6).predicted()
	s.Public.Frozen = true
	p := &s.Public.Predictions[0]
	p.Hidden = true
	p.Tally = &game.Tally{Votes: 12, Counts: p.Tally.Counts}
	page := newRoom(t, s).get(t, "/teams/1/story", false, http.StatusOK)
	if strings.Contains(page, "Right:") || strings.Contains(page, "before the talk") || !strings.Contains(page, "0 of 3 right") || !strings.Contains(page, "after the reveal") {
		t.Error("the story says who was right")
	}
}

// A replay contains each prediction once, including one about the topic, which belongs to no team.
func TestTheReplayTellsThePredictions(t *testing.T) {
	s := newSample(2).predicted()
	keys := s.Public.Predictions[1]
	keys.Question.Team = 0
	keys.Question.Text = "How many of the partitions fill?"
	s.Public.Predictions[1] = keys
	for n := range 2 {
		s.change(n+1, func(t *game.Team) {
			t.Events = append(slices.Clone(t.Events), game.Event{At: workshop.At(keys.OpenedAt), Kind: game.KindPrediction, Text: "the room is asked: " + keys.Question.Text})
		})
	}
	var got replay
	if err := json.Unmarshal([]byte(newRoom(t, s).get(t, "/api/replay", false, http.StatusOK)), &got); err != nil {
		t.Fatal(err)
	}
	for text, times := range map[string]int{"the room is asked: How many of": 1, "the room votes again": 1, "the answer: 3 + 2. Each": 1, "no answer: team-2": 1, "the vote is closed: 12 votes": 1} {
		n := 0
		for _, e := range got.Events {
			if strings.HasPrefix(e.Text, text) && e.Team == 0 {
				n++
			}
		}
		if n != times {
			t.Errorf("%q is told %d times", text, n)
		}
	}
}

func TestTheInstructorSeesWhatTheRoomBelieved(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)
	tab.Open(t, r.url+"/instructor", 1440, 900)
	want(t, tab, `document.body.dataset.live && document.querySelector('#belief').hidden`)
	s.Instructor.Belief = &game.Belief{Kind: game.AskIdle, Held: 41, Votes: 60, Text: "every member gets work", Because: "Each partition has one owner in a group, and all 5 have one."}
	r.show(s)
	want(t, tab, `document.querySelector('#belief').checkVisibility() && document.querySelector('#belief').textContent.includes('41 of 60 believed that every member gets work.What happened: Each partition')`)
	tab.Screenshot(t, "instructor-belief")
	quiet(t, tab)
	if body := r.get(t, "/api/instructor/board", true, http.StatusOK); !strings.Contains(body, `"belief":{"prediction":0,"kind":"idle","held":41,"votes":60,"text":"every member gets work"`) {
		t.Error("the instructor's API lacks the belief")
	}
}

func TestPredictionsAreExported(t *testing.T) {
	s := newSample(3).predicted()
	s.Truth.Predictions[0].Question.Text = `=HYPERLINK("x")`
	r := newRoom(t, s)
	lines := func(path string) [][]string {
		t.Helper()
		out, err := csv.NewReader(strings.NewReader(r.get(t, path, true, http.StatusOK))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}

	teams := lines("/api/instructor/export.csv")
	at := func(name string) int { return slices.Index(teams[0], name) }
	for _, line := range teams[1:] {
		want := map[string][2]string{"1": {"2", "1"}, "2": {"1", "0"}, "3": {"0", "0"}}[line[at("team")]]
		if got := [2]string{line[at("predicted")], line[at("foreseen")]}; got != want {
			t.Errorf("team %s predicted and foresaw %q, want %q", line[at("team")], got, want)
		}
	}

	votes := lines("/api/instructor/predictions.csv")
	for _, want := range []string{
		`2,4,split,3,'=HYPERLINK("x"),answered,1,3 + 2,true,0,2,3`, // the guests: 7 - 4 - 1, and 4 - 1 before the discussion
		`2,4,split,3,'=HYPERLINK("x"),answered,1,3 + 2,true,1,4,1`,
		`2,4,split,3,'=HYPERLINK("x"),answered,0,5 + 0,false,2,1,`,
		`2,6,idle,2,One more joins: what happens?,cancelled,0,Two members share a partition,false,0,1,`,
	} {
		if !slices.ContainsFunc(votes, func(line []string) bool { return strings.Join(line, ",") == want }) {
			t.Errorf("no line %s in\n%v", want, votes)
		}
	}
	if len(votes) != 1+3*4+2*4+2+2*2 {
		t.Errorf("%d lines", len(votes))
	}
	r.get(t, "/api/instructor/predictions.csv", false, http.StatusUnauthorized)
}
