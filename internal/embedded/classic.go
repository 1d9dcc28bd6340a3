package embedded

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// makeClassic turns an empty group of the new protocol into one that classic members can join, as Kafka does. In the
// library, a group keeps its protocol forever. So this deletes the group and repeats its commits before the library
// gets the JoinGroup request.
func (w *wire) makeClassic(group string) {
	w.groups.Lock() // members may join at the same time
	defer w.groups.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !w.emptyConsumer(ctx, group) {
		return
	}

	fetch := kmsg.NewPtrOffsetFetchRequest()
	asked := kmsg.NewOffsetFetchRequestGroup()
	asked.Group = group
	asked.MemberEpoch = -1
	fetch.Groups = append(fetch.Groups, asked)
	had, err := fetch.RequestWith(ctx, w.client)
	if err != nil || len(had.Groups) != 1 || had.Groups[0].ErrorCode != 0 {
		return
	}

	remove := kmsg.NewPtrDeleteGroupsRequest()
	remove.Groups = []string{group}
	if _, err := remove.RequestWith(ctx, w.client); err != nil || len(had.Groups[0].Topics) == 0 {
		return
	}

	_, _ = commits(group, had.Groups[0].Topics).RequestWith(ctx, w.client) // without commits, members start at their reset offset
}

// emptyConsumer reports whether a group is of the new protocol and has no members. A static member that is away counts as
// one.
func (w *wire) emptyConsumer(ctx context.Context, group string) bool {
	describe := kmsg.NewPtrConsumerGroupDescribeRequest()
	describe.Groups = []string{group}
	answer, err := describe.RequestWith(ctx, w.client)
	return err == nil && len(answer.Groups) == 1 && answer.Groups[0].ErrorCode == 0 && len(answer.Groups[0].Members) == 0
}

func commits(group string, topics []kmsg.OffsetFetchResponseGroupTopic) *kmsg.OffsetCommitRequest {
	commit := kmsg.NewPtrOffsetCommitRequest()
	commit.Group = group
	commit.Generation = -1
	for _, was := range topics {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic = was.Topic
		t.TopicID = was.TopicID
		for _, p := range was.Partitions {
			c := kmsg.NewOffsetCommitRequestTopicPartition()
			c.Partition = p.Partition
			c.Offset = p.Offset
			c.LeaderEpoch = p.LeaderEpoch
			c.Metadata = p.Metadata
			t.Partitions = append(t.Partitions, c)
		}

		commit.Topics = append(commit.Topics, t)
	}

	return commit
}
