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

// OffsetFetch takes more than one group from this version on.
const minOffsetFetch = 8

// An answer is what the requests of one sweep said of one group.
type answer struct {
	group.Answers
	err          error // its coordinator is not known, or it is oversized: it was not asked about
	committed    *kmsg.OffsetFetchResponseGroup
	committedErr error
	moved        bool // its coordinator may be another broker now
}

// answers gathers what requests return that run at the same time.
type answers struct {
	mu       sync.Mutex // guards what follows, until the requests have returned
	groups   map[string]*answer
	answered bool  // at least one broker answered
	tooLarge bool  // a response was too large to be read, or made no sense
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

// addError sets one error for all groups of a request. A broker that cannot be reached may not be their coordinator any
// more.
func (a *answers) addError(groups []string, err error, field func(*answer) *error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range groups {
		g := a.of(name)
		*field(g) = err
		if !kafka.Unsupported(err) && !unreadable(err) {
			g.moved = true
		}
	}
	if unreadable(err) {
		a.tooLarge = true
	}
	a.lastErr = err
}

// add sets one group's part of a response.
func (a *answers) add(name string, code int16, set func(*answer)) {
	g := a.of(name)
	set(g)
	switch err := kerr.ErrorForCode(code); {
	case errors.Is(err, kerr.NotCoordinator), errors.Is(err, kerr.CoordinatorNotAvailable):
		g.moved = true
	}
}

// failed is the error of a sweep that got no answer at all.
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
	if err != nil {
		a.addError(groups, err, func(g *answer) *error { return &g.ClassicErr })
		return
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.answered = true
	described := resp.(*kmsg.DescribeGroupsResponse).Groups
	for i := range described {
		a.add(described[i].Group, described[i].ErrorCode, func(g *answer) { g.Classic = &described[i] })
	}
}

func (s *sweeper) describeConsumer(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = groups
	resp, err := request(ctx, client, node, req)
	if err != nil {
		a.addError(groups, err, func(g *answer) *error { return &g.ConsumerErr })
		return
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.answered = true
	described := resp.(*kmsg.ConsumerGroupDescribeResponse).Groups
	for i := range described {
		a.add(described[i].Group, described[i].ErrorCode, func(g *answer) { g.Consumer = &described[i] })
	}
}

// fetchOffsets names the topic and its partitions: in an answer for all topics, one that the user may not describe is
// left out, which looks like a group that never committed.
func (s *sweeper) fetchOffsets(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	if len(s.metadata.Leaders) == 0 {
		a.addError(nil, s.metadata.Err, nil)
		return
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
	if err != nil {
		a.addError(groups, err, func(g *answer) *error { return &g.committedErr })
		return
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.answered = true
	fetched := resp.(*kmsg.OffsetFetchResponse).Groups
	for i := range fetched {
		a.add(fetched[i].Group, fetched[i].ErrorCode, func(g *answer) { g.committed = &fetched[i] })
	}
}

// request sends one request to one broker and does not retry it: the next sweep does.
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
