package truth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// A decisive moment without a sentence is found: each of these sentences is missed if it is not there.
func TestMissingSentencesAreFound(t *testing.T) {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	two, four := []int32{2, 3}, []int32{0, 1, 2, 3}
	annSays := []story.Sentence{
		{Kind: story.Arrived, Who: "bob-1", At: at(11)},
		{Kind: story.Revoked, Instance: 1, Partitions: four, At: at(10)},
		{Kind: story.Split, Who: "bob-1", At: at(12)},
		{Kind: story.Departed, Who: "bob-1", At: at(27)},
		{Kind: story.Assigned, Instance: 1, Partitions: four, At: at(26)},
		{Kind: story.Resumed, Instance: 1, Partitions: four, At: at(26)},
		{Kind: story.Handover, Who: "bob-1", At: at(28)},
	}
	bobSays := []story.Sentence{
		{Kind: story.FirstAssignment, Instance: 1, Partitions: two, At: at(10)},
		{Kind: story.Resumed, Instance: 1, Partitions: two, At: at(10)},
		{Kind: story.Closed, Instance: 1, How: member.Crashed, Partitions: []int32{2, 3}, At: at(20)},
		{Kind: story.Takeover, Who: "member 1", At: at(27)},
	}
	f, ann, bob := scene()
	f.phases = f.standing()
	for _, test := range []struct {
		w    *witness
		said []story.Sentence
	}{{ann, annSays}, {bob, bobSays}} {
		test.w.said = test.said
		if missing := f.missing(test.w); len(missing) > 0 {
			t.Errorf("%s misses %v, but all is said", test.w.name, missing)
		}
		for i, s := range test.said {
			test.w.said = slices.Delete(slices.Clone(test.said), i, i+1)
			if len(f.missing(test.w)) == 0 {
				t.Errorf("%s does not miss %s", test.w.name, s.Kind)
			}
		}
	}

	// An idle member, as eve would be if she were ours.
	eve := &witness{name: "eve", clientID: "g-eve", began: noon.Add(-time.Second)}
	for i := range f.looks {
		if f.looks[i].began.Before(at(5)) {
			f.looks[i].seats = slices.DeleteFunc(f.looks[i].seats, func(s seat) bool { return s.client == "g-eve-1" })
		}
	}
	f.phases = f.standing()
	if missing := f.missing(eve); !strings.Contains(strings.Join(missing, "\n"), "g-eve-1 is idle") {
		t.Errorf("eve misses %v", missing)
	}
	eve.said = []story.Sentence{{Kind: story.Idle, Instance: 1, At: at(6)}}
	if missing := f.missing(eve); strings.Contains(strings.Join(missing, "\n"), "g-eve-1 is idle") {
		t.Errorf("eve misses %v", missing)
	}
}
