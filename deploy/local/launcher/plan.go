package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// A phase is a part of the demo's class: what the instructor says and does, and what each kind of team
// plays meanwhile. A script is steps with commas between them: a number waits for so many seconds, join
// starts a member with the flags behind it, python one by kafka-python where that is installed, elsewhere
// one that reads another topic; leave stops the oldest member politely, crash kills it.
type phase struct {
	lasts time.Duration
	says  string                              // on the board
	do    func(context.Context, *stack) error // the instructor's hand; nil for none
	skip  func(context.Context, *stack) bool  // nil for never
	plays map[string]string                   // scripts by kind of team
}

// kinds are the teams', in turn: team 8 plays what team 1 does.
var kinds = []string{"range", "crowd", "sticky", "server", "slow", "quiet", "exact"}

// plan is the class of 90 minutes from docs/instructor.md in eleven.
var plan = []phase{
	{lasts: 40 * time.Second, says: "Start one member: it owns every partition", do: load("rate", 10, "keys", "", "paused", false),
		plays: map[string]string{
			"range": "join --solve", "crowd": "join --solve", "sticky": "4, join --assignor cooperative-sticky --solve",
			"server": "2, join --assignor server --solve", "slow": "5, join --solve --slow 60ms", "quiet": "8, join", "exact": "6, join --exactly-once --solve",
		}},
	{lasts: 35 * time.Second, says: "A colleague joins: the group splits the work",
		plays: map[string]string{
			"range": "join --solve", "crowd": "3, join --solve", "sticky": "5, join --assignor cooperative-sticky --solve",
			"server": "4, join --assignor server --solve", "quiet": "6, python", "exact": "8, join --exactly-once --solve",
		}},
	{lasts: 25 * time.Second, says: "Who reads what? Each record goes to one member of a group", do: tail},
	{lasts: 45 * time.Second, says: "One member for each partition – and then one more: it has nothing to do",
		plays: map[string]string{"crowd": "join --instances 3 --solve, 12, join"}},
	{lasts: 35 * time.Second, says: "One more joins teams 1 and 3: range stops every lane, cooperative-sticky only those that move",
		plays: map[string]string{"range": "5, join --solve", "sticky": "5, join --assignor cooperative-sticky --solve"}},
	{lasts: 75 * time.Second, says: "More load: watch the lag of whoever is slow", do: load("rate", 150)},
	{lasts: 45 * time.Second, says: "What helps against lag? More members, as many as there are lanes",
		plays: map[string]string{"slow": "leave, 1, join --instances 5 --solve"}},
	{lasts: 25 * time.Second, says: "Healthy is not zero: lag grows until the next commit, a saw-tooth", do: load("rate", 40)},
	{lasts: 20 * time.Second, says: "A commit is the next offset to read, not the last one read: see the tick under a lane"},
	{lasts: 45 * time.Second, says: "Kill one: its lanes fall silent for the session timeout, and what it had not committed is read twice",
		plays: map[string]string{"range": "2, crash", "crowd": "4, crash", "server": "3, crash", "exact": "6, crash"}},
	{lasts: 40 * time.Second, says: "Stop with Ctrl+C: taken over at once. Who comes back goes on at the commit, not at the earliest record",
		plays: map[string]string{"range": "leave, 1, leave, 8, join --solve --from earliest", "crowd": "2, leave", "server": "4, leave", "sticky": "6, join --assignor range --solve"}},
	{lasts: 30 * time.Second, says: "A group may read several topics: one member of team 6 reads another, and owns none of our lanes",
		skip: secured, plays: map[string]string{"quiet": "elsewhere"}},
	{lasts: 30 * time.Second, says: "One hot key: one lane carries most of it", do: load("keys", "hot", "hot_share", 0.8)},
	{lasts: 30 * time.Second, says: "Keys by user: one user's records stay in order in a lane; between lanes there is none", do: load("keys", "user")},
	{lasts: 30 * time.Second, says: "One partition more: keys change lanes, every group rebalances, and it stays", do: addPartition, skip: partitionAdded},
	{lasts: 25 * time.Second, says: "No keys: our producer changes lanes at each record; most clients stay on one for a batch", do: load("keys", "null")},
	{lasts: 45 * time.Second, says: "The score is hidden now – the groups go on", do: act("/freeze"),
		plays: map[string]string{"range": "join --solve", "exact": "3, join --exactly-once --solve"}},
	{lasts: 75 * time.Second, says: "And the winner is …", do: act("/reveal")},
}

// load sets the control panel's load: names, and values behind them. An empty text is the lesson's own.
func load(set ...any) func(context.Context, *stack) error {
	return func(ctx context.Context, s *stack) error {
		body := map[string]any{}
		for i := 0; i < len(set); i += 2 {
			body[set[i].(string)] = set[i+1]
		}
		if body["keys"] == "" {
			body["keys"] = s.flags.Lesson.Keys
		}
		return s.request(ctx, http.MethodPut, s.flags.Panel+"/api/load", body, nil)
	}
}

// act is one on the leaderboard.
func act(path string) func(context.Context, *stack) error {
	return func(ctx context.Context, s *stack) error {
		return s.request(ctx, http.MethodPost, s.flags.Board+"/api/instructor"+path, nil, nil)
	}
}

func say(ctx context.Context, s *stack, text string) error {
	return s.request(ctx, http.MethodPost, s.flags.Board+"/api/instructor/message", map[string]any{"text": text}, nil)
}

// tail counts what is read in no group for a while, and says it.
func tail(ctx context.Context, s *stack) error {
	const lasts = 10 * time.Second
	if !wait(ctx, 5*time.Second) {
		return nil
	}
	lines, err := s.countTail(ctx, lasts)
	if err != nil {
		return fmt.Errorf("tail: %w", err)
	}
	return say(ctx, s, fmt.Sprintf("In %.0f s tail, in no group, read %d records: all of them. A group reads them once, each member its own", lasts.Seconds(), lines))
}

// secured clusters let a team read nothing but the lesson's topic.
func secured(_ context.Context, s *stack) bool { return s.secured() }

func addPartition(ctx context.Context, s *stack) error {
	return s.request(ctx, http.MethodPost, s.flags.Panel+"/api/partitions", map[string]any{"count": s.flags.Lesson.Partitions + 1}, nil)
}

// partitionAdded reports that this was done before, for partitions stay.
func partitionAdded(ctx context.Context, s *stack) bool {
	var board struct {
		Partitions int `json:"partitions"`
	}
	err := s.request(ctx, http.MethodGet, s.flags.Board+"/api/board", nil, &board)
	return err != nil || board.Partitions != s.flags.Lesson.Partitions
}
