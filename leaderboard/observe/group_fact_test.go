package observe

import (
	"slices"
	"testing"

	"kafka-workshop/internal/group"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A member of the new protocol keeps what it owns until it reaches its target: the difference is moving.
func TestMoversAreWhatAssignmentAndTargetDifferIn(t *testing.T) {
	s := &sweeper{topic: "new_users"}
	assignment := func(partitions ...int32) kmsg.Assignment {
		return kmsg.Assignment{TopicPartitions: []kmsg.AssignmentTopicPartition{{Topic: "new_users", Partitions: partitions}}}
	}
	fact := func(g kmsg.ConsumerGroupDescribeResponseGroup) game.GroupFact {
		return s.groupFact(1, "team-1", &answer{Answers: group.Answers{Consumer: &g}})
	}
	f := fact(kmsg.ConsumerGroupDescribeResponseGroup{State: "Reconciling", Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
		{MemberID: "a", Assignment: assignment(4, 0, 1, 2, 3), TargetAssignment: assignment(0, 1, 2)},
		{MemberID: "b", Assignment: assignment(), TargetAssignment: assignment(3, 4)},
	}})
	if !f.Moving || !slices.Equal(f.Movers, []int32{3, 4}) {
		t.Errorf("moving %v, movers %v", f.Moving, f.Movers)
	}
	f = fact(kmsg.ConsumerGroupDescribeResponseGroup{State: "Stable", Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
		{MemberID: "a", Assignment: assignment(1, 0), TargetAssignment: assignment(0, 1)},
	}})
	if f.Moving || len(f.Movers) > 0 {
		t.Errorf("settled: moving %v, movers %v", f.Moving, f.Movers)
	}
}
