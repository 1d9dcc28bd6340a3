package story

import (
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
)

func TestEvents(t *testing.T) {
	of := func(ps ...int32) []int32 { return ps }
	for _, test := range []struct {
		name string
		e    member.Event
		want string
	}{
		{"joined", member.Event{Kind: member.Assigned, First: true, Pause: 400 * time.Millisecond, Partitions: of(0, 1, 2), Owned: of(0, 1, 2)},
			"member 1 joined team-7 after 0.4 s: assigned P0 P1 P2"},
		{"idle", member.Event{Kind: member.Assigned, First: true},
			"member 1 is idle: all 5 partitions have owners, and a partition has one owner in a group"},
		{"rebalanced", member.Event{Kind: member.Assigned, Pause: 1200 * time.Millisecond, Before: of(0, 1, 2, 3), Owned: of(0, 1, 4)},
			"member 1: assigned P0 P1 P4 after a pause of 1.2 s (kept P0 P1, gave P2 P3, got P4)"},
		{"added", member.Event{Kind: member.Assigned, Partitions: of(3, 4), Owned: of(0, 3, 4)}, "member 1: assigned P3 P4"},
		{"revoked", member.Event{Kind: member.Revoked, Partitions: of(1, 0), Commit: member.CommitTaken}, "member 1: revoked P0 P1 (rebalance; their offsets are committed)"},
		{"revoked with a topic that is gone", member.Event{Kind: member.Revoked, Partitions: of(0), Commit: member.CommitFailed}, "member 1: revoked P0 (rebalance; its offsets could not be committed)"},
		{"revoked with nothing to commit", member.Event{Kind: member.Revoked, Partitions: of(0)}, "member 1: revoked P0 (rebalance)"},
		{"revoked when leaving", member.Event{Kind: member.Revoked, Reason: member.Left, Partitions: of(1, 0)}, ""},
		{"resumed", member.Event{Kind: member.Committed, Resumed: true, Partitions: of(0, 1), Offsets: map[int32]int64{0: 142, 1: -1}, From: "earliest"},
			"member 1: P0 goes on at 142 (committed); P1: no commit yet, so from the earliest record"},
		{"waiting", member.Event{Kind: member.Committed, Resumed: true, Partitions: of(1), Offsets: map[int32]int64{1: -1}, From: "latest"},
			"member 1: P1: waiting for new records: no commit yet, and --from latest"},
		{"restored", member.Event{Kind: member.Restored, Partitions: of(0, 1, 3), Offsets: map[int32]int64{0: 142, 1: -1, 3: 90}, Count: 232},
			"member 1: the counts of P0 P3 continue from 232 records, as published; no counts of P1 are published yet: they begin at 0"},
		{"nothing to restore", member.Event{Kind: member.Restored, Partitions: of(1), Offsets: map[int32]int64{1: -1}},
			"member 1: no counts of P1 are published yet: they begin at 0"},
		{"committed", member.Event{Kind: member.Committed, Offsets: map[int32]int64{0: 142}}, ""},
		{"twice", member.Event{Kind: member.Duplicate, Count: 27, After: member.Crashed},
			"member 1: 27 records processed twice: they were not committed before the crash"},
		{"once twice", member.Event{Kind: member.Duplicate, Count: 1, After: member.Crashed},
			"member 1: 1 record processed twice: it was not committed before the crash"},
		{"crashed", member.Event{Kind: member.Closed, Reason: member.Crashed, Partitions: of(3)},
			"member 1 crashed with P3: no LeaveGroup and no commit, so the group waits for its session timeout"},
		{"left", member.Event{Kind: member.Closed, Reason: member.Left, Partitions: of(3, 4), Commit: member.CommitTaken},
			"member 1 left: P3 P4 are committed and free for the others at once"},
		{"left one", member.Event{Kind: member.Closed, Reason: member.Left, Partitions: of(1), Commit: member.CommitTaken},
			"member 1 left: P1 is committed and free for the others at once"},
		{"left without a commit", member.Event{Kind: member.Closed, Reason: member.Left, Partitions: of(1), Commit: member.CommitFailed},
			"member 1 left: P1 is free for the others at once, but the last offsets could not be committed"},
		{"one aborted", member.Event{Kind: member.Duplicate, Count: 1, After: member.Aborted},
			"member 1: 1 record read again: the transaction was aborted, so what was made of it counts once"},
		{"one twice, a rebalance", member.Event{Kind: member.Duplicate, Count: 1},
			"member 1: 1 record processed twice: its offset was not committed when the partition changed hands"},
		{"unheard", member.Event{Kind: member.Closed, Reason: member.Failed, Partitions: of(3, 4)},
			"member 1 ended, but its LeaveGroup was not acknowledged: the group waits for its session timeout"},
		{"rewound", member.Event{Kind: member.Duplicate, Count: 2, After: member.Rewound}, "member 1: 2 records processed twice: the group was rewound"},
		{"crashed idle", member.Event{Kind: member.Closed, Reason: member.Crashed}, "member 1 crashed: no LeaveGroup, so the group waits for its session timeout"},
		{"lost", member.Event{Kind: member.Lost, Partitions: of(2)},
			"member 1: lost P2: the group had removed this member, and what was not committed is read again"},
		{"made anew", member.Event{Kind: member.Recreated, Topic: "new_users", Before: of(0, 1, 2), Partitions: of(0, 1)},
			"The topic new_users was deleted and created again with 2 partitions: members join again and read it from its start"},
		{"fatal", member.Event{Kind: member.Fault, Text: "x", Fatal: true}, ""},
		{"fault", member.Event{Kind: member.Fault, Text: "x"}, "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := Explainer{Group: "team-7", Partitions: func() int { return 5 }}
			test.e.Instance = 1
			got, ok := w.Explain(test.e)
			if text := got.Text(); ok != (test.want != "") || ok && text != test.want {
				t.Errorf("got  %q\nwant %q", got.Text(), test.want)
			}
		})
	}
}

// Sentences of the kinds that need more than one event.
func TestSentences(t *testing.T) {
	of := func(ps ...int32) []int32 { return ps }
	for _, test := range []struct {
		s    Sentence
		want string
	}{
		{Sentence{Kind: Arrived, Who: "bob-1", Host: "h"}, "bob-1 (h) is in the group"},
		{Sentence{Kind: Departed, Who: "bob-1", Host: "h"}, "bob-1 (h) is gone from the group"},
		{Sentence{Kind: Silent, Who: "bob-1", Partitions: of(3), Took: 8 * time.Second},
			"P3 of bob-1: no commit for 8 s, and records wait. Its owner may be slow, stuck or gone: then the group waits for its session timeout."},
		{Sentence{Kind: NextToRead, Partitions: of(3), Offsets: map[int32]int64{3: 7}}, "P3 committed at 7: the next record to read, not the last one read (6)"},
		{Sentence{Kind: SawTooth, Every: 5 * time.Second}, "Lag goes up and down like a saw: it counts from the last commit, one every 5s. Healthy is not 0."},
		{Sentence{Kind: Unordered}, "Records of two lanes come in any order: Kafka keeps the order within a partition, not across a topic. A key puts one user's records in one lane."},
		{Sentence{Kind: OtherTopic, Who: "bob-1", Others: []string{"orders"}},
			"bob-1 is in the group, but reads orders. A group may be for several topics, and only members that subscribe to this one share it."},
		{Sentence{Kind: Grown, TotalWas: 5, Total: 6}, "The topic grew from 5 to 6 partitions: keys change lanes, and every group rebalances"},
		{Sentence{Kind: Paused, Who: "member 1"}, "member 1 is paused: heartbeats go on, so the group notices nothing, and the lag grows"},
		{Sentence{Kind: Slowed, Who: "member 1", Every: 50 * time.Millisecond},
			"member 1 takes 50ms for each record. It stays in the group, because its heartbeats go on."},
		{Sentence{Kind: Slowed, Who: "member 1", Every: time.Second},
			"member 1 takes 1s for each record. It stays in the group, because its heartbeats go on. One in Java would be out once 301 records wait: at this pace that many take longer than max.poll.interval.ms, 5 minutes."},
		{Sentence{Kind: Slowed, Who: "member 1", Every: 30 * time.Second},
			"member 1 takes 30s for each record. Its heartbeats go on, but a rebalance waits only 15s for it, and then the group goes on without it. One in Java would be out once 11 records wait: at this pace that many take longer than max.poll.interval.ms, 5 minutes."},
		{Sentence{Kind: Slowed, Who: "member 1", Every: 6 * time.Minute},
			"member 1 takes 6m0s for each record. Its heartbeats go on, but a rebalance waits only 15s for it, and then the group goes on without it. One in Java or Python would be out after max.poll.interval.ms, 5 minutes."},
		{Sentence{Kind: Takeover, Who: "member 1", Partitions: of(3, 4), Others: []string{"bob-1", "member 2"}, Took: 3 * time.Second, Timeout: 10 * time.Second},
			"P3 P4 came back 3.0 s after member 1 crashed: bob-1 and member 2 go on at the last commit. After a clean leave that takes a second."},
		{Sentence{Kind: JoinWaits, Who: "member 2", Others: []string{"member 1"}, Took: 6 * time.Second},
			"member 2 joins when the group has removed member 1, whose session timeout ends in 6 s"},
		{Sentence{Kind: Duplicates, Who: "member 1", Count: 2, How: member.Aborted},
			"member 1: 2 records read again: the transaction was aborted, so what was made of it counts once. That is what exactly once means: read twice, counted once."},
		{Sentence{Kind: Idle, Who: "bob-1", Total: 5},
			"bob-1 is idle: all 5 partitions have owners, and a partition has one owner in a group. It takes over when another member goes."},
		{Sentence{Kind: Resumed, Who: "member 1", Partitions: of(0), Offsets: map[int32]int64{0: 9}},
			"member 1: P0 goes on at 9 (committed). A group goes on where it has committed: --from is only for partitions without a commit."},
	} {
		test.s.Lesson = true
		if got := test.s.String(); got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}

// The first sentence of a kind includes its meaning, and later ones do not.
func TestALessonComesOnce(t *testing.T) {
	w := Explainer{Group: "team-7", Partitions: func() int { return 5 }}
	for i, want := range []bool{true, false} {
		s, ok := w.Explain(member.Event{Kind: member.Duplicate, Instance: 1, Count: 2})
		if !ok || s.Lesson != want {
			t.Errorf("time %d: lesson %v", i+1, s.Lesson)
		}
	}
}
