package group

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Three members share a topic of two partitions: each is assigned one, and one partition has two of them. Accepted
// records do not count as lag, wherever they are.
func TestDescribeAShareGroup(t *testing.T) {
	c := kafkatest.New(t)
	jobs, name := c.Namespace.Name("jobs"), c.Namespace.Name("crew-1")
	c.CreateTopic(t, jobs, 2, nil)
	c.ConfigureGroup(t, name, map[string]string{"share.auto.offset.reset": "earliest"})
	client := c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i := range int32(10) {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: jobs, Partition: i % 2, Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opts := []kgo.Opt{kgo.ShareGroup(name), kgo.ConsumeTopics(jobs), kgo.ClientID("laptop"), kgo.ShareMaxRecords(1), kgo.ShareMaxRecordsStrict()}
	worker := c.Client(t, opts...)
	var taken *kgo.Record
	for taken == nil {
		worker.PollRecords(ctx, 1).EachRecord(func(r *kgo.Record) { taken = r })
		if ctx.Err() != nil {
			t.Fatal("no record comes")
		}
	}
	for range 2 {
		c.Client(t, opts...) // joins without a poll
	}

	on := Partition{Topic: jobs, ID: taken.Partition}
	await := func(what string, wanted func(*Group) bool) *Group {
		var last *Group
		for {
			g, err := DescribeWithOffsets(ctx, client, name, jobs)
			if err == nil && wanted(g) {
				return g
			}
			if ctx.Err() != nil {
				t.Fatalf("%s: %+v, %v", what, last, err)
			}
			if err == nil {
				last = g
			}
		}
	}
	g := await("three members", func(g *Group) bool {
		return len(g.Members) == 3 && !slices.ContainsFunc(g.Members, func(m Member) bool { return len(m.Assigned[jobs]) == 0 })
	})
	assigned := 0
	for _, m := range g.Members {
		assigned += len(m.Assigned[jobs])
		if m.ClientID != "laptop" || m.RawID != m.ID || !slices.Equal(m.Topics, []string{jobs}) {
			t.Errorf("member %+v", m)
		}
	}
	if g.Protocol != Share || g.State != Stable || assigned < 3 || len(g.Offsets) != 0 {
		t.Errorf("group %+v", g)
	}
	if got := g.Shares[on].Lag; got != 5 && (got != -1 || !c.Real) { // Apache Kafka stores nothing before the first acknowledgement
		t.Errorf("before anything is accepted: %+v", g.Shares)
	}

	taken.Ack(kgo.AckAccept)
	if err := worker.FlushAcks(ctx); err != nil {
		t.Fatal(err)
	}
	g = await("that one of five is accepted", func(g *Group) bool { return g.Shares[on].Lag == 4 })

	if same, err := DescribeShare(ctx, client, name, jobs); err != nil || len(same.Members) != 3 || same.Shares[on] != g.Shares[on] {
		t.Errorf("DescribeShare: %+v, %v", same, err)
	}
	if other, err := DescribeShare(ctx, client, name, "elsewhere"); err != nil || len(other.Shares) != 0 {
		t.Errorf("DescribeShare on another topic: %+v, %v", other, err)
	}
	if same, err := FindShare(ctx, client, name); err != nil || len(same.Members) != 3 || same.Shares[on] != g.Shares[on] {
		t.Errorf("FindShare: %+v, %v", same, err)
	}
	var wrong *TypeError
	if _, err := Find(ctx, client, name); !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), name+" is a share group") {
		t.Errorf("Find: %v", err)
	}
	if _, err := FindShare(ctx, client, c.Namespace.Name("crew-2")); !errors.Is(err, ErrNotFound) {
		t.Errorf("FindShare of a group that nobody joined: %v", err)
	}
	if none, err := DescribeShare(ctx, client, c.Namespace.Name("crew-2"), jobs); err != nil || none.State != NotJoined || len(none.Shares) != 0 {
		t.Errorf("a group that nobody joined: %+v, %v", none, err)
	}
}

// FindShare returns a TypeError for a consumer group of either protocol.
func TestAConsumerGroupIsNoShareGroup(t *testing.T) {
	for protocol, opts := range map[string][]kgo.Opt{Classic: {kgo.Balancers(kgo.RangeBalancer())}, Consumer: {kgo.ServerSideBalancer()}} {
		t.Run(protocol, func(t *testing.T) {
			r := newRoom(t)
			name := r.Namespace.Name("group-" + protocol)
			member := r.Client(t, append(opts, kgo.ConsumerGroup(name), kgo.ConsumeTopics(r.topic))...)
			r.until(t, member, name, func(g *Group) bool { return g.State == Stable })
			var wrong *TypeError
			if _, err := FindShare(t.Context(), r.client, name); !errors.As(err, &wrong) || wrong.Protocol != protocol || !strings.HasPrefix(err.Error(), name+" is a consumer group") {
				t.Errorf("FindShare: %v", err)
			}
		})
	}
}

func TestAnswersAboutAShareGroup(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		code  int16
		want  string
		err   error
	}{
		"stable":          {Stable, 0, Stable, nil},
		"nobody":          {"", kerr.GroupIDNotFound.Code, NotJoined, nil},
		"dead":            {Dead, 0, NotJoined, nil},
		"no rights":       {"", kerr.GroupAuthorizationFailed.Code, "", kerr.GroupAuthorizationFailed},
		"no share groups": {"", kerr.UnsupportedVersion.Code, "", kerr.UnsupportedVersion},
	} {
		g, err := DecodeShare("crew-1", &kmsg.ShareGroupDescribeResponseGroup{GroupState: c.state, ErrorCode: c.code})
		if !errors.Is(err, c.err) || (err == nil && g.State != c.want) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
	if _, err := DecodeShare("crew-1", &kmsg.ShareGroupDescribeResponseGroup{ErrorCode: kerr.UnsupportedVersion.Code}); !kafka.Unsupported(err) {
		t.Errorf("a broker on which share groups are off: %v", err)
	}
}

func TestOffsetsOfAShareGroup(t *testing.T) {
	partition := func(id int32, start, lag int64, code int16) kmsg.DescribeShareGroupOffsetsResponseGroupTopicPartition {
		return kmsg.DescribeShareGroupOffsetsResponseGroupTopicPartition{Partition: id, StartOffset: start, Lag: lag, ErrorCode: code}
	}
	answer := &kmsg.DescribeShareGroupOffsetsResponseGroup{Topics: []kmsg.DescribeShareGroupOffsetsResponseGroupTopic{{
		Topic: "jobs", Partitions: []kmsg.DescribeShareGroupOffsetsResponseGroupTopicPartition{
			partition(0, 40, 3, 0), partition(1, -1, 7, 0), partition(2, 5, 1, kerr.NotCoordinator.Code),
			partition(-1, 0, 0, 0), partition(maxPartitions, 0, 0, 0), partition(3, -9, -9, 0),
		},
	}}}
	got, err := DecodeShares(1, answer)
	want := map[Partition]SharePartition{{"jobs", 0}: {40, 3}, {"jobs", 1}: {-1, -1}, {"jobs", 3}: {-1, -1}}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}

	// Before Kafka 4.2 the field is not sent, and reads as 0.
	if got, err := DecodeShares(0, answer); err != nil || got[Partition{"jobs", 0}] != (SharePartition{40, -1}) {
		t.Errorf("of an old broker: %v, %v", got, err)
	}

	answer.ErrorCode = kerr.GroupAuthorizationFailed.Code
	if _, err := DecodeShares(1, answer); !errors.Is(err, kerr.GroupAuthorizationFailed) {
		t.Errorf("no rights: %v", err)
	}
}
