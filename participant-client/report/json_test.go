package report

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

func explainer() *story.Explainer {
	return &story.Explainer{Group: "team-7", Partitions: func() int { return 5 }}
}

func TestEventsInJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	for _, test := range []struct {
		e    member.Event
		want string
	}{
		{member.Event{Kind: member.Assigned, At: at, Instance: 1, Topic: "t", Partitions: []int32{0, 1}, Owned: []int32{0, 1}, Pause: time.Second},
			`{"event":"assigned","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[0,1],"owned":[0,1],"pause_ms":1000}`},
		{member.Event{Kind: member.Assigned, At: at, Instance: 6, Topic: "t", First: true},
			`{"event":"assigned","at":"2026-01-02T03:04:05.006Z","instance":6,"topic":"t","partitions":[],"pause_ms":0,"first":true}`},
		{member.Event{Kind: member.Committed, At: at, Instance: 1, Topic: "t", Partitions: []int32{3}, Offsets: map[int32]int64{3: 9}},
			`{"event":"committed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partition":3,"offset":9,"partitions":[3],"offsets":{"3":9}}`},
		{member.Event{Kind: member.Committed, Resumed: true, At: at, Instance: 1, Topic: "t", Partitions: []int32{3, 4}, Offsets: map[int32]int64{3: 9, 4: -1}},
			`{"event":"committed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[3,4],"offsets":{"3":9,"4":null},"resumed":true}`},
		{member.Event{Kind: member.Lag, At: at, Topic: "t", Partitions: []int32{0, 1}, Offsets: map[int32]int64{0: 2, 1: 3}},
			`{"event":"lag","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"t","partitions":[0,1],"offsets":{"0":2,"1":3},"lag":5}`},
		{member.Event{Kind: member.Joined, At: at, Topic: "t", Gone: true, Member: group.Member{ID: "m", ClientID: "c", Host: "h"}},
			`{"event":"member","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"t","partitions":[],"change":"gone","member_id":"m","client_id":"c","host":"h"}`},
		{member.Event{Kind: member.Duplicate, At: at, Instance: 1, Topic: "t", Count: 27, After: member.Crashed},
			`{"event":"duplicate","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[],"count":27,"reason":"crashed"}`},
		{member.Event{Kind: member.Closed, At: at, Instance: 1, Topic: "t", Reason: member.Left, Commit: member.CommitTaken, Partitions: []int32{0}},
			`{"event":"closed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[0],"reason":"left"}`},
	} {
		got, err := json.Marshal(eventOf(test.e))
		if err != nil || string(got) != test.want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, test.want)
		}
	}
}

// The JSON output includes the sentences, also those that belong to no event.
func TestSentencesInJSON(t *testing.T) {
	var out bytes.Buffer
	r := JSON(explainer(), &out, func(err error) { t.Error(err) })
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	r.Event(member.Event{Kind: member.Closed, At: at, Instance: 1, Topic: "t", Reason: member.Left, Commit: member.CommitTaken, Partitions: []int32{0}})
	r.Note(story.Sentence{Kind: story.Unordered, At: at, Lesson: true})
	r.Note(story.Sentence{Kind: story.BadgeAwarded, At: at, Badge: story.Badge{ID: "full_house", Icon: "🏁", First: true}})
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `{"event":"closed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[0],"reason":"left","text":"member 1 left: P0 is committed and free for the others at once"}
{"event":"lesson","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"","partitions":[],"text":"Records of two lanes come in any order: Kafka keeps the order within a partition, not across a topic. A key puts one user's records in one lane.","kind":"unordered"}
{"event":"badge","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"","partitions":[],"first":true,"text":"badge earned: 🏁 Full House, before every other team","badge":"full_house","icon":"🏁"}
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
