package docs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/load"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The guide's section "Who gets what" is true: member ids begin with the client's name, range assigns in the order of
// the ids, and a member that joins may take the partitions at the front.
func TestRangeGoesByTheOrderOfMemberIDs(t *testing.T) {
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Topic(), 5, nil)
	admin := c.Admin(t)
	join := func(client string) {
		m := c.Client(t, kgo.ClientID(client), kgo.ConsumerGroup(c.Group(1)), kgo.ConsumeTopics(c.Topic()), kgo.Balancers(kgo.RangeBalancer()))
		go func() {
			for !m.PollFetches(context.Background()).IsClientClosed() {
			}
		}()
	}

	for _, step := range []struct{ joins, want string }{
		{"b", "b[0 1 2 3 4]"}, {"a", "a[0 1 2] b[3 4]"}, {"c", "a[0 1] b[2 3] c[4]"},
	} {
		join(step.joins)
		var got string
		wait.For(t, step.want, func() error {
			groups, err := admin.DescribeGroups(t.Context(), c.Group(1))
			if err != nil {
				return err
			}
			if got = assignment(t, groups[c.Group(1)]); got != step.want {
				return fmt.Errorf("the members own %s", got)
			}
			return nil
		})
	}
}

// assignment returns the partitions that each member owns, in the order of the member ids.
func assignment(t *testing.T, g kadm.DescribedGroup) string {
	t.Helper()
	slices.SortFunc(g.Members, func(a, b kadm.DescribedGroupMember) int { return strings.Compare(a.MemberID, b.MemberID) })
	var out []string
	for _, m := range g.Members {
		if !strings.HasPrefix(m.MemberID, m.ClientID+"-") {
			t.Errorf("the member id %s does not begin with the client's name %s", m.MemberID, m.ClientID)
		}
		if a, ok := m.Assigned.AsConsumer(); ok {
			for _, topic := range a.Topics {
				out = append(out, m.ClientID+fmt.Sprint(topic.Partitions))
			}
		}
	}
	return strings.Join(out, " ")
}

// The four keys of the rebalancing lesson land on two partitions, two on each, with the producer's partitioner.
func TestTheFourKeysLandOnTwoPartitions(t *testing.T) {
	lesson := workshop.RebalancingDemo
	partitioner := new(load.Spread).ForTopic(lesson.Topic)
	keys := map[int]int{}
	for _, key := range []string{"0", "1", "2", "3"} {
		keys[partitioner.Partition(&kgo.Record{Key: []byte(key)}, int(lesson.Partitions))]++
	}
	if len(keys) != 2 {
		t.Errorf("the partitions have so many keys: %v", keys)
	}
	for _, n := range keys {
		if n != 2 {
			t.Errorf("the partitions have so many keys: %v", keys)
		}
	}
}
