package truth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A look is the group at some moment between began and ended, as the admin API reports it.
type look struct {
	began, ended time.Time
	stable       bool
	assignor     string
	seats        []seat
	topicID      [16]byte
	commits      map[int32]int64 // next to read; partitions without a commit are missing
	ends         map[int32]int64 // one for each partition of the topic
}

// A seat is one member of the group.
type seat struct {
	id, client, host string
	owned            []int32 // ascending
	topics           []string
}

// An observer records what Kafka reports about one group. It shares no code with the product: it has its own client,
// requests and decoding.
type observer struct {
	client       *kgo.Client
	group, topic string
	kip848       bool

	*record[look]
}

func newObserver(client *kgo.Client, group, topic string, kip848 bool) *observer {
	return &observer{client: client, group: group, topic: topic, kip848: kip848, record: newRecord[look]()}
}

// run looks until ctx ends.
func (o *observer) run(ctx context.Context) { o.keep(ctx, o.look) }

// history returns what was seen so far, and a channel that closes with the next look.
func (o *observer) history() (history, <-chan struct{}) {
	looks, next := o.seen()
	return history{o.topic, looks}, next
}

func (o *observer) look(ctx context.Context) (look, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	l := look{began: time.Now(), commits: map[int32]int64{}, ends: map[int32]int64{}}
	admin := kadm.NewClient(o.client)
	topics, err := admin.ListTopics(ctx, o.topic)
	if err != nil {
		return l, err
	}
	if err := topics[o.topic].Err; err != nil {
		return l, err
	}
	l.topicID = topics[o.topic].ID

	describe := o.describeClassic
	if o.kip848 {
		describe = o.describeConsumer
	}
	if err := describe(ctx, &l); err != nil {
		return l, err
	}
	for i := range l.seats {
		slices.Sort(l.seats[i].owned)
	}

	commits, err := admin.FetchOffsets(ctx, o.group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return l, err
	}
	for p, c := range commits[o.topic] {
		if c.Err == nil && c.At >= 0 {
			l.commits[p] = c.At
		}
	}
	ends, err := admin.ListEndOffsets(ctx, o.topic)
	if err != nil {
		return l, err
	}
	for p, end := range ends[o.topic] {
		if end.Err != nil {
			return l, end.Err
		}
		l.ends[p] = end.Offset
	}
	l.ended = time.Now()
	return l, nil
}

func (o *observer) describeClassic(ctx context.Context, l *look) error {
	groups, err := kadm.NewClient(o.client).DescribeGroups(ctx, o.group)
	if err != nil {
		return err
	}
	g := groups[o.group]
	if g.Err != nil && !errors.Is(g.Err, kerr.GroupIDNotFound) {
		return g.Err
	}

	l.stable, l.assignor = g.State == "Stable", g.Protocol
	for _, m := range g.Members {
		s := seat{id: m.MemberID, client: m.ClientID, host: m.ClientHost}
		if joined, ok := m.Join.AsConsumer(); ok {
			s.topics = joined.Topics
		}
		if assigned, ok := m.Assigned.AsConsumer(); ok {
			for _, t := range assigned.Topics {
				if t.Topic == o.topic {
					s.owned = append(s.owned, t.Partitions...)
				}
			}
		}
		l.seats = append(l.seats, s)
	}
	return nil
}

func (o *observer) describeConsumer(ctx context.Context, l *look) error {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = []string{o.group}
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	if len(resp.Groups) != 1 {
		return errors.New("not the one group that was asked for")
	}
	g := resp.Groups[0]
	if err := kerr.ErrorForCode(g.ErrorCode); err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}

	l.stable, l.assignor = g.State == "Stable", "server"
	for _, m := range g.Members {
		s := seat{id: m.MemberID, client: m.ClientID, host: m.ClientHost, topics: m.SubscribedTopics}
		for _, t := range m.Assignment.TopicPartitions {
			if t.Topic == o.topic || t.TopicID == l.topicID {
				s.owned = append(s.owned, t.Partitions...)
			}
		}
		if m.MemberEpoch >= 0 { // a static member that is away keeps its seat
			for _, t := range m.TargetAssignment.TopicPartitions {
				l.stable = l.stable && (t.TopicID != l.topicID && t.Topic != o.topic || covers(s.owned, t.Partitions))
			}
		}
		l.seats = append(l.seats, s)
	}
	return nil
}

// address returns a host as people know it: without Kafka's slash, and without the embedded broker's port.
func (s seat) address() string {
	host, _, _ := strings.Cut(strings.TrimPrefix(s.host, "/"), ":")
	return host
}

// covers reports whether all has each of some.
func covers(all, some []int32) bool {
	return !slices.ContainsFunc(some, func(p int32) bool { return !slices.Contains(all, p) })
}

func sorted(ps ...[]int32) []int32 {
	out := slices.Concat(ps...)
	slices.Sort(out)
	return slices.Compact(out)
}
