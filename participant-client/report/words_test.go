package report

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
)

func TestWords(t *testing.T) {
	of := func(ps ...int32) []int32 { return ps }
	for _, test := range []struct {
		name string
		e    member.Event
		want string
	}{
		{"joined", member.Event{Kind: member.Assigned, First: true, Pause: 400 * time.Millisecond, Partitions: of(0, 1, 2), Owned: of(0, 1, 2)},
			"member 1 joined team-7 after 0.4 s: assigned P0 P1 P2"},
		{"idle", member.Event{Kind: member.Assigned, First: true},
			"member 1 is idle: each of the 5 partitions of the topic has an owner already, and a partition has one owner in a group"},
		{"rebalanced", member.Event{Kind: member.Assigned, Pause: 1200 * time.Millisecond, Before: of(0, 1, 2, 3), Owned: of(0, 1, 4)},
			"member 1: assigned P0 P1 P4 after a pause of 1.2 s (kept P0 P1, gave P2 P3, got P4)"},
		{"added", member.Event{Kind: member.Assigned, Partitions: of(3, 4), Owned: of(0, 3, 4)}, "member 1: assigned P3 P4"},
		{"revoked", member.Event{Kind: member.Revoked, Partitions: of(1, 0)}, "member 1: revoked P0 P1 (rebalance; their offsets are committed)"},
		{"revoked when leaving", member.Event{Kind: member.Revoked, Reason: member.Left, Partitions: of(1, 0)}, ""},
		{"resumed", member.Event{Kind: member.Committed, Resumed: true, Partitions: of(0, 1), Offsets: map[int32]int64{0: 142, 1: -1}, From: "earliest"},
			"member 1: P0 goes on at 142 (committed); --from is only for partitions without a commit; P1: no commit yet, so from the earliest record"},
		{"waiting", member.Event{Kind: member.Committed, Resumed: true, Partitions: of(1), Offsets: map[int32]int64{1: -1}, From: "latest"},
			"member 1: P1: waiting for new records: no commit yet, and --from latest"},
		{"committed", member.Event{Kind: member.Committed, Offsets: map[int32]int64{0: 142}}, ""},
		{"twice", member.Event{Kind: member.Duplicate, Count: 27, After: member.Crashed},
			"member 1: 27 records processed twice: they were not committed before the crash"},
		{"once twice", member.Event{Kind: member.Duplicate, Count: 1, After: member.Crashed},
			"member 1: 1 record processed twice: it was not committed before the crash"},
		{"crashed", member.Event{Kind: member.Closed, Reason: member.Crashed, Partitions: of(3)},
			"member 1 crashed with P3: no goodbye and no commit, so the group waits for its session timeout"},
		{"left", member.Event{Kind: member.Closed, Reason: member.Left, Partitions: of(3, 4)},
			"member 1 left: P3 P4 are committed and free for the others at once"},
		{"left one", member.Event{Kind: member.Closed, Reason: member.Left, Partitions: of(1)},
			"member 1 left: P1 is committed and free for the others at once"},
		{"one aborted", member.Event{Kind: member.Duplicate, Count: 1, After: member.Aborted},
			"member 1: 1 record read again: the transaction was aborted, so what was made of it counts once"},
		{"one twice, a rebalance", member.Event{Kind: member.Duplicate, Count: 1},
			"member 1: 1 record processed twice: its offset was not committed when the partition changed hands"},
		{"unheard", member.Event{Kind: member.Closed, Reason: member.Failed, Partitions: of(3, 4)},
			"member 1 ended, but its goodbye was not heard: the group waits for its session timeout"},
		{"fatal", member.Event{Kind: member.Fault, Text: "x", Fatal: true}, ""},
		{"fault", member.Event{Kind: member.Fault, Text: "x"}, "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := Words{Group: "team-7", Partitions: func() int { return 5 }}
			test.e.Instance = 1
			if got := w.Say(test.e); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	w := Words{Group: "team-7", Partitions: func() int { return 0 }}
	resumed := member.Event{Kind: member.Committed, Resumed: true, Instance: 1, Partitions: of(0), Offsets: map[int32]int64{0: -1}, From: "earliest"}
	w.Say(resumed)
	resumed.Offsets = map[int32]int64{0: 9}
	if got := w.Say(resumed); got != "member 1: P0 goes on at 9 (committed)" {
		t.Errorf("after a start without commits: %q", got)
	}
	anna := member.Event{Kind: member.Joined, Member: member.GroupMember{ClientID: "team-7-anna-1", Host: "10.0.0.5"}}
	if got := w.Say(anna); got != "team-7-anna-1 (10.0.0.5) is in the group" {
		t.Errorf("a colleague: %q", got)
	}
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
		{member.Event{Kind: member.Joined, At: at, Topic: "t", Gone: true, Member: member.GroupMember{ID: "m", ClientID: "c", Host: "h"}},
			`{"event":"member","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"t","partitions":[],"change":"left","member_id":"m","client_id":"c","host":"h"}`},
		{member.Event{Kind: member.Duplicate, At: at, Instance: 1, Topic: "t", Count: 27, After: member.Crashed},
			`{"event":"duplicate","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[],"count":27,"reason":"crashed"}`},
		{member.Event{Kind: member.Closed, At: at, Instance: 1, Topic: "t", Reason: member.Left, Partitions: []int32{0}},
			`{"event":"closed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[0],"reason":"left"}`},
	} {
		got, err := json.Marshal(eventOf(test.e))
		if err != nil || string(got) != test.want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, test.want)
		}
	}
}

// The JSON lines carry the sentences too, and what is said beside the events.
func TestSentencesInJSON(t *testing.T) {
	var out bytes.Buffer
	r := JSON("team-7", func() int { return 5 }, &out, func(err error) { t.Error(err) })
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	r.Event(member.Event{Kind: member.Closed, At: at, Instance: 1, Topic: "t", Reason: member.Left, Partitions: []int32{0}})
	r.Note(Note{Kind: Lesson, At: at, Text: "So it is."})
	r.Note(Note{Kind: Badge, At: at, Text: "badge earned", Badge: "full_house", Icon: "🏁", First: true})
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `{"event":"closed","at":"2026-01-02T03:04:05.006Z","instance":1,"topic":"t","partitions":[0],"reason":"left","text":"member 1 left: P0 is committed and free for the others at once"}
{"event":"lesson","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"","partitions":[],"text":"So it is."}
{"event":"badge","at":"2026-01-02T03:04:05.006Z","instance":0,"topic":"","partitions":[],"first":true,"text":"badge earned","badge":"full_house","icon":"🏁"}
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
