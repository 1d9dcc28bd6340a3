package group

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "new_users"

// A room is a cluster with a topic of five partitions, two records in each, and a client that describes groups.
type room struct {
	*kafkatest.Cluster
	topic  string
	client *kgo.Client
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{Cluster: kafkatest.New(t)}
	r.topic = r.Namespace.Name(topic)
	r.CreateTopic(t, r.topic, 5, nil)
	r.client = r.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for p := range int32(10) {
		record := &kgo.Record{Topic: r.topic, Partition: p % 5, Value: []byte("{}")}
		if err := r.client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// until polls with the member, so that it joins, until the group is as wanted.
func (r *room) until(t *testing.T, member *kgo.Client, name string, wanted func(*Group) bool) *Group {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		g, err := DescribeWithOffsets(deadline, r.client, name, r.topic)
		if err == nil && wanted(g) {
			return g
		}
		if deadline.Err() != nil {
			t.Fatalf("the group never gets there: %+v, %v", g, err)
		}
		poll, stop := context.WithTimeout(deadline, 50*time.Millisecond)
		member.PollFetches(poll)
		stop()
	}
}

func TestDescribeByBothProtocols(t *testing.T) {
	for protocol, opts := range map[string][]kgo.Opt{Classic: {kgo.Balancers(kgo.RangeBalancer())}, Consumer: {kgo.ServerSideBalancer()}} {
		t.Run(protocol, func(t *testing.T) {
			r := newRoom(t)
			name := r.Namespace.Name("team-1")
			opts = append(opts, kgo.ConsumerGroup(name), kgo.ConsumeTopics(r.topic), kgo.ClientID("laptop"), kgo.AutoCommitInterval(100*time.Millisecond))
			member := r.Client(t, opts...)
			g := r.until(t, member, name, func(g *Group) bool {
				return g.State == Stable && len(g.Members) == 1 && len(g.Members[0].Assigned[r.topic]) == 5 && g.Offsets[Partition{r.topic, 4}].Committed == 2
			})

			m := g.Members[0]
			if g.Protocol != protocol || g.Assignor == "" || m.ClientID != "laptop" || m.RawID != m.ID || !slices.Equal(m.Topics, []string{r.topic}) {
				t.Errorf("group %+v", g)
			}
			if got := g.Offsets[Partition{r.topic, 0}]; got != (Offsets{Committed: 2, Start: 0, End: 2}) || got.Lag() != 0 {
				t.Errorf("offsets %+v", got)
			}
			if found, err := Find(t.Context(), r.client, name); err != nil || len(found.Members) != 1 {
				t.Errorf("Find: %+v, %v", found, err)
			}
		})
	}
}

func TestAGroupThatNobodyJoined(t *testing.T) {
	r := newRoom(t)
	name := r.Namespace.Name("nobody")
	g, err := DescribeWithOffsets(t.Context(), r.client, name, r.topic)
	if err != nil || g.State != NotJoined || g.Protocol != "" || len(g.Members) != 0 {
		t.Errorf("group %+v, %v", g, err)
	}
	if got := g.Offsets[Partition{r.topic, 3}]; got != (Offsets{Committed: -1, Start: 0, End: 2}) {
		t.Errorf("offsets %+v", got)
	}
	if _, err := Find(t.Context(), r.client, name); !errors.Is(err, ErrNotFound) {
		t.Errorf("Find: %v", err)
	}
}

// Records that were deleted before they were read do not count as lag: see the contract's section on lanes.
func TestACommitBelowTheLogStart(t *testing.T) {
	r := newRoom(t)
	admin := r.Admin(t)
	name := r.Namespace.Name("team-1")
	commit := kadm.Offsets{}
	commit.AddOffset(r.topic, 0, 0, -1)
	if err := admin.CommitAllOffsets(t.Context(), name, commit); err != nil {
		t.Fatal(err)
	}
	before := kadm.Offsets{}
	before.AddOffset(r.topic, 0, 1, -1)
	if _, err := admin.DeleteRecords(t.Context(), before); err != nil {
		t.Fatal(err)
	}

	g, err := Find(t.Context(), r.client, name)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Offsets[Partition{r.topic, 0}]; got != (Offsets{Committed: 0, Start: 1, End: 2}) || got.Lag() != 1 {
		t.Errorf("offsets %+v, lag %d", got, got.Lag())
	}
	if got := g.Offsets[Partition{r.topic, 1}]; got.Committed != -1 {
		t.Errorf("offsets of another partition %+v", got)
	}
}
