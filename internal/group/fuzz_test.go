package group

import (
	"slices"
	"testing"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// FuzzDecode decodes anything that a member may report about itself, by both protocols.
func FuzzDecode(f *testing.F) {
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{"new_users", "elsewhere"}
	owns := kmsg.NewConsumerMemberAssignment()
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic, topic.Partitions = "new_users", []int32{4, -1, 1 << 30, 4}
	owns.Topics = append(owns.Topics, topic)
	f.Add("member-1", "laptop", "/127.0.0.1", "range", about.AppendTo(nil), owns.AppendTo(nil), int32(3))
	f.Add("\u202e\x00~0123456789abcdef", "\xff", "", "\n", []byte{0, 3, 0x7f, 0xff, 0xff, 0xff}, []byte{0, 0, 0xff, 0xff, 0xff, 0xff}, int32(-5))

	f.Fuzz(func(t *testing.T, id, client, host, assignor string, metadata, assignment []byte, partition int32) {
		classic := decodeClassic("team-1", &kmsg.DescribeGroupsResponseGroup{
			State: assignor, Protocol: assignor, Members: []kmsg.DescribeGroupsResponseGroupMember{
				{MemberID: id, ClientID: client, ClientHost: host, InstanceID: &client, ProtocolMetadata: metadata, MemberAssignment: assignment},
				{MemberID: id + "x", ClientID: client, ClientHost: host, ProtocolMetadata: assignment, MemberAssignment: metadata},
			},
		})
		assigned := kmsg.Assignment{TopicPartitions: []kmsg.AssignmentTopicPartition{{Topic: host, Partitions: []int32{partition, 3, partition}}}}
		consumer := decodeConsumer("team-1", &kmsg.ConsumerGroupDescribeResponseGroup{
			State: assignor, AssignorName: assignor, Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
				{MemberID: id, ClientID: client, ClientHost: host, SubscribedTopics: []string{client, host}, Assignment: assigned, TargetAssignment: assigned},
			},
		}, nil)

		share, err := DecodeShare("crew-1", &kmsg.ShareGroupDescribeResponseGroup{
			GroupState: assignor, Assignor: assignor, Members: []kmsg.ShareGroupDescribeResponseGroupMember{{
				MemberID: id, ClientID: client, ClientHost: host, SubscribedTopicNames: []string{client, host},
				Assignment: kmsg.ShareGroupDescribeResponseGroupMemberAssignment{
					TopicPartitions: []kmsg.ShareGroupDescribeResponseGroupMemberAssignmentTopicPartition{{Topic: host, Partitions: []int32{partition, 3, partition}}},
				},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}

		for _, g := range []*Group{classic, consumer, share} {
			for _, m := range g.Members {
				for _, text := range []string{m.ID, m.ClientID, m.Host, m.Instance, Address(m.Host), g.Assignor, g.State} {
					if !utf8.ValidString(text) || utf8.RuneCountInString(text) > workshop.MaxText || text != workshop.CleanText(text, workshop.MaxText) {
						t.Fatalf("a text is %q", text)
					}
				}
				for _, partitions := range m.Assigned {
					impossible := func(p int32) bool { return p < 0 || p >= maxPartitions }
					if slices.ContainsFunc(partitions, impossible) || !slices.IsSorted(partitions) || len(slices.Compact(slices.Clone(partitions))) != len(partitions) {
						t.Fatalf("partitions %v", partitions)
					}
				}
			}
		}
		if len(classic.Members) != 2 {
			t.Fatalf("two IDs are shown as one: %q", id)
		}
	})
}
