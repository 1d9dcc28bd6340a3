package truth

import (
	"maps"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// Every kind of sentence has a rule, and so will a new kind.
func TestEveryKindHasARule(t *testing.T) {
	holdKinds(t, "../story/sentence.go", len(rules), func(kind string) bool { return rules[story.Kind(kind)] != nil })
	if err := new(facts).check(new(witness), story.Sentence{Kind: "tomorrow"}); err == nil {
		t.Error("a sentence of a new kind passes")
	}
}

type sentences []func(*story.Sentence)

// Each rule accepts the true sentence, and none of the false ones, which differ from it in one fact.
func TestFalseSentencesAreFound(t *testing.T) {
	who := func(name string) func(*story.Sentence) { return func(s *story.Sentence) { s.Who = name } }
	took := func(d time.Duration) func(*story.Sentence) { return func(s *story.Sentence) { s.Took = d } }
	how := func(how string) func(*story.Sentence) { return func(s *story.Sentence) { s.How = how } }
	at := func(at time.Time) func(*story.Sentence) { return func(s *story.Sentence) { s.At = at } }
	on := func(ps ...int32) func(*story.Sentence) { return func(s *story.Sentence) { s.Partitions = ps } }
	kept := func(ps ...int32) func(*story.Sentence) { return func(s *story.Sentence) { s.Kept = ps } }
	got := func(ps ...int32) func(*story.Sentence) { return func(s *story.Sentence) { s.Got = ps } }
	total := func(n int) func(*story.Sentence) { return func(s *story.Sentence) { s.Total = n } }
	others := func(names ...string) func(*story.Sentence) { return func(s *story.Sentence) { s.Others = names } }
	offset := func(p int32, o int64) func(*story.Sentence) {
		return func(s *story.Sentence) { s.Offsets = map[int32]int64{p: o} }
	}

	for _, test := range []struct {
		true  story.Sentence
		after time.Duration // since noon
		by    string        // bob, or ann
		set   func(*facts, *witness)
		false sentences
	}{
		{
			true:  story.Sentence{Kind: story.FirstAssignment, Instance: 1, Who: "member 1", Group: "g", Partitions: []int32{2, 3}, Took: time.Second},
			after: 10 * time.Second, by: "bob",
			false: sentences{on(2), on(1, 2, 3), who("member 2"), took(9 * time.Second), at(noon.Add(5 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Idle, Who: "eve-1", Total: 4}, after: 15 * time.Second,
			false: sentences{who("bob-1"), total(5), who("carl-1")},
		},
		{
			true:  story.Sentence{Kind: story.Assigned, Instance: 1, Who: "member 1", Kept: []int32{0, 1}, Gave: []int32{2, 3}, Took: 50 * time.Millisecond},
			after: 10 * time.Second, false: sentences{kept(0), kept(0, 1, 2), got(2), took(5 * time.Second), at(noon.Add(17 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Revoked, Instance: 1, Partitions: []int32{2, 3}, Commit: member.CommitTaken}, after: 10 * time.Second,
			set:   func(_ *facts, w *witness) { w.reads = w.reads[:360] },
			false: sentences{on(7), func(s *story.Sentence) { s.Commit = member.CommitFailed }, at(noon.Add(5 * time.Second)), at(noon.Add(16 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Lost, Instance: 1, Partitions: []int32{2, 3}}, after: 27 * time.Second, by: "bob",
			false: sentences{at(noon.Add(18 * time.Second)), how(member.OutOfTouch)},
		},
		{
			true:  story.Sentence{Kind: story.Resumed, Instance: 1, From: "earliest", Partitions: []int32{2}, Offsets: map[int32]int64{2: 200}},
			after: 26 * time.Second, set: func(_ *facts, w *witness) { w.goOn(200) },
			false: sentences{offset(2, 190), offset(2, 201), offset(2, -1), func(s *story.Sentence) { s.From = "latest" }},
		},
		{
			true:  story.Sentence{Kind: story.FromLatest, Instance: 1, From: "latest", Partitions: []int32{2}, Offsets: map[int32]int64{2: -1}},
			after: 10 * time.Second, by: "bob", set: func(f *facts, w *witness) { w.from = "latest"; f.forget(2) },
			false: sentences{offset(2, 100), func(s *story.Sentence) { s.From = "earliest" }},
		},
		{
			true: story.Sentence{Kind: story.Arrived, Who: "bob-1", Host: "10.0.0.2"}, after: 11 * time.Second,
			false: sentences{who("carl-1"), who("eve-1"), func(s *story.Sentence) { s.Host = "10.0.0.9" }, at(noon.Add(18 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Departed, Who: "bob-1", How: story.Gone}, after: 27 * time.Second,
			false: sentences{who("carl-1"), who("eve-1"), how(member.Left), at(noon.Add(18 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Duplicates, Instance: 1, Who: "member 1", Count: 3}, after: 30 * time.Second,
			set:   func(f *facts, w *witness) { w.again(noon.Add(29500*time.Millisecond), 2, 290, 3) },
			false: sentences{func(s *story.Sentence) { s.Count = 4 }, how(member.Rewound), how(member.Crashed)},
		},
		{
			true: story.Sentence{Kind: story.Fault, Explained: "no topic"}, after: time.Second, set: func(f *facts, _ *witness) { f.faults = true },
			false: sentences{func(s *story.Sentence) { s.Kind = "tomorrow" }},
		},
		{
			true: story.Sentence{Kind: story.Waiting, Explained: "no coordinator"}, after: time.Second, set: func(f *facts, _ *witness) { f.faults = true },
			false: sentences{func(s *story.Sentence) { s.Kind = "tomorrow" }},
		},
		{
			true: story.Sentence{Kind: story.Recreated, Group: "records", TotalWas: 4, Total: 2}, after: 31 * time.Second, set: func(f *facts, _ *witness) { f.other(2, true) },
			false: sentences{total(3), func(s *story.Sentence) { s.TotalWas = 3 }, at(noon.Add(10 * time.Second))},
		},
		{
			true:  story.Sentence{Kind: story.Closed, Instance: 1, How: member.Crashed, Partitions: []int32{2, 3}, Timeout: classicSession},
			after: 20 * time.Second, by: "bob",
			false: sentences{how(member.Left), how(member.Failed), on(2), func(s *story.Sentence) { s.Timeout = time.Minute }, func(s *story.Sentence) { s.Instance = 2 }},
		},
		{
			true:  story.Sentence{Kind: story.Split, Who: "bob-1", Assignor: member.Range, Kept: []int32{0, 1}, Gave: []int32{2, 3}, Took: 50 * time.Millisecond},
			after: 12 * time.Second,
			false: sentences{who("eve-1"), who("bob-1 and carl-1"), kept(0), kept(0, 1, 2), took(4 * time.Second), func(s *story.Sentence) { s.Assignor = member.RoundRobin }},
		},
		{
			true:  story.Sentence{Kind: story.Handover, Who: "bob-1", How: story.LongSilence, Partitions: []int32{2, 3}, Got: []int32{2, 3}, Took: classicSession, Timeout: classicSession},
			after: 28 * time.Second,
			false: sentences{who("eve-1"), how(member.Left), took(time.Second), got(1), on(1, 2, 3)},
		},
		{
			true:  story.Sentence{Kind: story.Takeover, Who: "member 1", Partitions: []int32{2, 3}, Others: []string{"ann-1"}, Took: classicSession, Timeout: classicSession},
			after: 27 * time.Second, by: "bob",
			false: sentences{who("member 2"), on(2), others("eve-1"), others(), took(2 * time.Second), took(9 * time.Second)},
		},
		{
			true: story.Sentence{Kind: story.Silent, Who: "bob-1", Partitions: []int32{2}, Took: 4 * time.Second}, after: 24 * time.Second,
			false: sentences{who("eve-1"), on(1), took(1500 * time.Millisecond), took(6 * time.Second)},
		},
		{
			true: story.Sentence{Kind: story.NextToRead, Partitions: []int32{0}, Offsets: map[int32]int64{0: 50}}, after: 5 * time.Second,
			false: sentences{offset(0, 70), offset(0, 30)},
		},
		{
			true: story.Sentence{Kind: story.SawTooth, Every: commitInterval}, after: 25 * time.Second,
			false: sentences{func(s *story.Sentence) { s.Every = 5 * time.Second }},
		},
		{
			true: story.Sentence{Kind: story.Unordered}, after: 25 * time.Second,
			false: sentences{at(noon)},
		},
		{
			true: story.Sentence{Kind: story.Shared, Who: "member 1", Others: []string{"bob-1"}}, after: 18 * time.Second,
			false: sentences{others("eve-1"), others("member 2"), at(noon.Add(5 * time.Second))},
		},
		{
			true: story.Sentence{Kind: story.OtherTopic, Who: "eve-1", Others: []string{"orders"}}, after: 5 * time.Second,
			false: sentences{who("bob-1"), others("invoices")},
		},
		{
			true: story.Sentence{Kind: story.Grown, TotalWas: 4, Total: 6}, after: 31 * time.Second, set: func(f *facts, _ *witness) { f.other(6, false) },
			false: sentences{total(5), total(4), func(s *story.Sentence) { s.TotalWas = 5 }, at(noon.Add(10 * time.Second))},
		},
		{
			true:  story.Sentence{Kind: story.EmptyLanes, Partitions: []int32{2, 3}, Keys: map[string]int32{"a": 0, "b": 1}, Count: 400, Took: 20 * time.Second},
			after: 25 * time.Second,
			set: func(f *facts, _ *witness) {
				for _, l := range f.looks {
					l.ends[2], l.ends[3] = 5, 5
				}
			},
			false: sentences{on(1, 2, 3), on(2), at(noon.Add(-time.Minute)),
				func(s *story.Sentence) { s.Keys = map[string]int32{"a": 0, "b": 2} }, func(s *story.Sentence) { s.Count = 4000 }},
		},
		{
			true: story.Sentence{Kind: story.Paused, Who: "member 1"}, after: 5 * time.Second, set: func(f *facts, _ *witness) { f.paused = []mark{{noon, "g-ann-1"}} },
			false: sentences{who("member 2"), at(noon.Add(-time.Second))},
		},
		{
			true: story.Sentence{Kind: story.Slowed, Who: "member 1"}, after: 5 * time.Second, set: func(f *facts, _ *witness) { f.slowed = []mark{{noon, "g-ann-1"}} },
			false: sentences{who("member 2"), at(noon.Add(-time.Second))},
		},
		{
			true: story.Sentence{Kind: story.JoinWaits, Who: "member 2", Others: []string{"member 1"}, Took: 4 * time.Second}, after: 22 * time.Second, by: "bob",
			false: sentences{others("member 2"), took(6 * time.Second), at(noon.Add(28 * time.Second))},
		},
		{true: story.Sentence{Kind: story.BadgeAwarded}, false: sentences{func(*story.Sentence) {}}},
	} {
		t.Run(string(test.true.Kind), func(t *testing.T) {
			f, w, bob := scene()
			if test.by == "bob" {
				w = bob
			}
			if test.set != nil {
				test.set(f, w)
			}
			truth := test.true
			truth.At = noon.Add(test.after)
			w.said = []story.Sentence{truth}
			if err := f.check(w, truth); err != nil && truth.Kind != story.BadgeAwarded {
				t.Errorf("the true sentence is not believed: %v", err)
			}
			for i, change := range test.false {
				lie := truth
				lie.Offsets = maps.Clone(truth.Offsets)
				change(&lie)
				w.said = []story.Sentence{lie}
				if f.check(w, lie) == nil {
					t.Errorf("false sentence %d is believed: %s, %+v", i, lie.Text(), lie)
				}
			}
		})
	}
}
