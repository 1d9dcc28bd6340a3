package story

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
)

// Few keys leave lanes empty. The sentence contains what was seen. There is no sentence if something else may be the reason.
func TestLanesThatFewKeysLeaveEmpty(t *testing.T) {
	for _, test := range []struct {
		name string
		keys [2][]string // of the records that are read in P0 and P1, in turn; the other lanes get none
		per  int64       // records a second in each of the two
		more []int32     // lanes that get records, too, which somebody else reads
		want string
	}{
		{"four keys", [2][]string{{"2", "0"}, {"3", "1"}}, 2, nil,
			"P2 P3 P4 got none of the last 80 records. Those read here have 4 keys, and a key always goes to the same lane: 0 2 in P0, 1 3 in P1. A key decides where, not how evenly."},
		{"keys of others are not claimed", [2][]string{{"0"}, {"1"}}, 2, []int32{3, 4},
			"P2 got none of the last 160 records. Those read here have 2 keys, and a key always goes to the same lane: 0 in P0, 1 in P1. A key decides where, not how evenly."},
		{"no keys", [2][]string{{"-"}, {"1"}}, 2, nil, ""},
		{"a key in two lanes", [2][]string{{"1"}, {"1"}}, 2, nil, ""},
		{"many keys", [2][]string{{"a", "b", "c", "d", "e"}, {"f", "g", "h", "i"}}, 2, nil, ""},
		{"too few records", [2][]string{{"0"}, nil}, 1, nil, ""},
		{"no lane is empty", [2][]string{{"0"}, {"1"}}, 2, []int32{2, 3, 4}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoom(config())
			got := ""
			for second := range int64(22) {
				mine := &r.now.Members[0]
				mine.Last = nil
				for p := range int32(2) {
					if test.keys[p] == nil {
						continue
					}
					for i := range test.per {
						n := second*test.per + i
						mine.Last = append(mine.Last, member.Record{Partition: p, Offset: 150 + n, Key: test.keys[p][n%int64(len(test.keys[p]))], At: r.now.At})
					}
					r.now.Group.Lanes[p].End = 150 + (second+1)*test.per
				}
				for _, p := range test.more {
					r.now.Group.Lanes[p].End = 150 + (second+1)*test.per
				}
				for _, s := range r.at(time.Duration(second) * time.Second) {
					if s.Kind == EmptyLanes {
						got += s.String()
					}
				}
			}
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// Old records may have other keys than those that arrive now.
func TestKeysOfOldRecordsSayNothing(t *testing.T) {
	r := newRoom(config())
	for second := range int64(22) {
		r.now.Members[0].Last = []member.Record{{Partition: 0, Offset: 10 + second, Key: fmt.Sprint(second % 2)}}
		r.now.Group.Lanes[0].End = 150 + 5*second
		for _, s := range r.at(time.Duration(second) * time.Second) {
			if s.Kind == EmptyLanes {
				t.Fatalf("says %q", s)
			}
		}
	}
}
