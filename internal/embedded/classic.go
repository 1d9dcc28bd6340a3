package embedded

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// makeClassic lets classic members into a group that was of the new protocol and is empty, as Kafka does. In
// the library a group stays of the new protocol for ever. So it is deleted and its commits are made again,
// before the library has the request of the member that joins.
func (w *wire) makeClassic(group string) {
	w.groups.Lock() // members that join at once wait for each other
	defer w.groups.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !w.emptyConsumer(ctx, group) {
		return
	}

	fetch := kmsg.NewPtrOffsetFetchRequest()
	asked := kmsg.NewOffsetFetchRequestGroup()
	asked.Group, asked.MemberEpoch = group, -1
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
	_, _ = commits(group, had.Groups[0].Topics).RequestWith(ctx, w.client) // without them, members begin where they are told to
}

// emptyConsumer reports a group of the new protocol without members. One that waits for a static member to
// come back has it as a member.
func (w *wire) emptyConsumer(ctx context.Context, group string) bool {
	describe := kmsg.NewPtrConsumerGroupDescribeRequest()
	describe.Groups = []string{group}
	answer, err := describe.RequestWith(ctx, w.client)
	return err == nil && len(answer.Groups) == 1 && answer.Groups[0].ErrorCode == 0 && len(answer.Groups[0].Members) == 0
}

func commits(group string, topics []kmsg.OffsetFetchResponseGroupTopic) *kmsg.OffsetCommitRequest {
	commit := kmsg.NewPtrOffsetCommitRequest()
	commit.Group, commit.Generation = group, -1
	for _, was := range topics {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic, t.TopicID = was.Topic, was.TopicID
		for _, p := range was.Partitions {
			c := kmsg.NewOffsetCommitRequestTopicPartition()
			c.Partition, c.Offset, c.LeaderEpoch, c.Metadata = p.Partition, p.Offset, p.LeaderEpoch, p.Metadata
			t.Partitions = append(t.Partitions, c)
		}
		commit.Topics = append(commit.Topics, t)
	}
	return commit
}
