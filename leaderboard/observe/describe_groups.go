package observe

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// From this version on, OffsetFetch accepts several groups.
const minOffsetFetch = 8

// An answer is what the requests of one sweep returned for one group.
type answer struct {
	group.Answers
	err          error // its coordinator is unknown, or it is oversized: no request was sent
	committed    *kmsg.OffsetFetchResponseGroup
	committedErr error
	moved        bool // its coordinator may be another broker now

	// In the lesson on share groups.
	share         *kmsg.ShareGroupDescribeResponseGroup
	shareErr      error
	shares        *kmsg.DescribeShareGroupOffsetsResponseGroup
	sharesVersion int16
	sharesErr     error
}

// answers collects the results of concurrent requests.
type answers struct {
	mu       sync.Mutex // guards what follows, until the requests have returned
	groups   map[string]*answer
	answered bool  // at least one broker answered
	tooLarge bool  // a response was too large to read, or malformed
	lastErr  error // of a request that failed as a whole
}

func newAnswers(n int) *answers { return &answers{groups: make(map[string]*answer, n)} }

// of returns a group's answer, which it adds on first use.
func (a *answers) of(name string) *answer {
	g := a.groups[name]
	if g == nil {
		g = &answer{}
		a.groups[name] = g
	}
	return g
}

// read adds the result of a request about groups: its error, to each of them, or what addAll takes from the response. A
// broker that cannot be reached may no longer be the groups' coordinator.
func (a *answers) read(groups []string, err error, field func(*answer) *error, addAll func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.answered = true
		addAll()
		return
	}

	a.lastErr = err
	a.tooLarge = a.tooLarge || unreadable(err)
	for _, name := range groups {
		g := a.of(name)
		*field(g) = err
		g.moved = g.moved || !kafka.Unsupported(err) && !unreadable(err)
	}
}

// add stores one group's part of a response.
func (a *answers) add(name string, code int16, set func(*answer)) {
	g := a.of(name)
	set(g)
	switch err := kerr.ErrorForCode(code); {
	case errors.Is(err, kerr.NotCoordinator), errors.Is(err, kerr.CoordinatorNotAvailable):
		g.moved = true
	}
}

// failed returns the error of a sweep that got no answer at all.
func (a *answers) failed() error {
	if a.answered {
		return nil
	}
	return a.lastErr
}

func (s *sweeper) describeClassic(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = groups
	resp, err := request(ctx, client, node, req)
	a.read(groups, err, func(g *answer) *error { return &g.ClassicErr }, func() {
		for _, described := range resp.(*kmsg.DescribeGroupsResponse).Groups {
			a.add(described.Group, described.ErrorCode, func(g *answer) { g.Classic = &described })
		}
	})
}

func (s *sweeper) describeConsumer(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = groups
	resp, err := request(ctx, client, node, req)
	a.read(groups, err, func(g *answer) *error { return &g.ConsumerErr }, func() {
		for _, described := range resp.(*kmsg.ConsumerGroupDescribeResponse).Groups {
			a.add(described.Group, described.ErrorCode, func(g *answer) { g.Consumer = &described })
		}
	})
}

// fetchOffsets names the topic and its partitions. A request for all topics omits those that the user may not describe, which
// looks like a group that never committed.
func (s *sweeper) fetchOffsets(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	if len(s.metadata.Leaders) == 0 {
		return // the metadata has the error
	}

	topic := kmsg.NewOffsetFetchRequestGroupTopic()
	topic.Topic = s.topic
	topic.TopicID = s.metadata.ID
	topic.Partitions = s.metadata.numbers()
	req := kmsg.NewPtrOffsetFetchRequest()
	for _, name := range groups {
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group = name
		g.Topics = []kmsg.OffsetFetchRequestGroupTopic{topic}
		req.Groups = append(req.Groups, g)
	}
	resp, err := request(ctx, client, node, req)
	if err == nil && resp.GetVersion() < minOffsetFetch {
		err = kerr.UnsupportedVersion
	}
	a.read(groups, err, func(g *answer) *error { return &g.committedErr }, func() {
		for _, fetched := range resp.(*kmsg.OffsetFetchResponse).Groups {
			a.add(fetched.Group, fetched.ErrorCode, func(g *answer) { g.committed = &fetched })
		}
	})
}

// request sends one request to one broker. It does not retry; the next sweep does.
func request(ctx context.Context, client *kgo.Client, node int32, req kmsg.Request) (kmsg.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := client.Broker(int(node)).Request(ctx, req)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer within %s", requestTimeout)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: broker %d: %w", kmsg.NameForKey(req.Key()), node, err)
	}
	return resp, nil
}
