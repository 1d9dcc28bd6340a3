package observe

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// FuzzMember covers everything that a member may report about itself, in both protocols.
func FuzzMember(f *testing.F) {
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{"new_users", "elsewhere"}
	owns := kmsg.NewConsumerMemberAssignment()
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic, topic.Partitions = "new_users", []int32{4, -1, 1 << 30, 4}
	owns.Topics = append(owns.Topics, topic)
	f.Add("member-1", "laptop", "/127.0.0.1", "range", about.AppendTo(nil), owns.AppendTo(nil), int32(3))
	f.Add("\u202e\x00~0123456789abcdef", "\xff", "", "\n", []byte{0, 3, 0x7f, 0xff, 0xff, 0xff}, []byte{0, 0, 0xff, 0xff, 0xff, 0xff}, int32(-5))

	s := newSweeper(&Observer{cfg: Config{Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 1}}})
	s.metadata.Leaders = make([]int32, 5)
	f.Fuzz(func(t *testing.T, id, client, host, assignor string, metadata, assignment []byte, partition int32) {
		classic := s.groupFact(1, "team-1", &answer{Answers: group.Answers{Classic: &kmsg.DescribeGroupsResponseGroup{
			State: "Stable", Protocol: assignor, Members: []kmsg.DescribeGroupsResponseGroupMember{
				{MemberID: id, ClientID: client, ClientHost: host, ProtocolMetadata: metadata, MemberAssignment: assignment},
				{MemberID: id + "x", ClientID: client, ClientHost: host, ProtocolMetadata: assignment, MemberAssignment: metadata},
			},
		}}})
		assigned := kmsg.Assignment{TopicPartitions: []kmsg.AssignmentTopicPartition{{Topic: s.topic, Partitions: []int32{partition, 3, partition}}}}
		consumer := s.groupFact(1, "team-1", &answer{Answers: group.Answers{Consumer: &kmsg.ConsumerGroupDescribeResponseGroup{
			State: assignor, AssignorName: assignor, Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
				{MemberID: id, ClientID: client, ClientHost: host, SubscribedTopics: []string{client, host}, Assignment: assigned, TargetAssignment: assigned},
			},
		}}})

		for _, g := range []game.GroupFact{classic, consumer} {
			for _, m := range g.Members {
				for _, text := range append([]string{m.ID, m.ClientID, m.Host, g.Assignor, g.State}, m.Topics...) {
					if !utf8.ValidString(text) || utf8.RuneCountInString(text) > workshop.MaxText || text != workshop.CleanText(text, workshop.MaxText) {
						t.Fatalf("a text is %q", text)
					}
				}
				if slices.ContainsFunc(m.Partitions, func(p int32) bool { return p < 0 || p > 4 }) || len(slices.Compact(m.Partitions)) != len(m.Partitions) {
					t.Fatalf("partitions %v", m.Partitions)
				}
			}
			if _, err := json.Marshal(g); err != nil {
				t.Fatal(err)
			}
		}
		if len(classic.Members) != 2 {
			t.Fatalf("two ids are shown as one: %q", id)
		}
	})
}
