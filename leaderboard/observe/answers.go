package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// An answer is what the requests of one sweep said of one group.
type answer struct {
	err         error // its coordinator is not known; nothing was asked
	classic     *kmsg.DescribeGroupsResponseGroup
	classicErr  error
	consumer    *kmsg.ConsumerGroupDescribeResponseGroup
	consumerErr error
	commits     *kmsg.OffsetFetchResponseGroup
	commitsErr  error
	moved       bool // ask again who coordinates it
}

// answers gathers them from requests that run side by side.
type answers struct {
	mu     sync.Mutex
	groups map[string]*answer
	good   bool  // any broker answered anything
	large  bool  // an answer was too large to be read, or made no sense
	last   error // of a request that failed whole
}

func newAnswers(n int) *answers { return &answers{groups: make(map[string]*answer, n)} }

// of returns a group's answer, made on first use.
func (a *answers) of(name string) *answer {
	g := a.groups[name]
	if g == nil {
		g = &answer{}
		a.groups[name] = g
	}
	return g
}

// fail notes one error for a whole request. A broker that could not be reached may not be the
// coordinator any more.
func (a *answers) fail(groups []string, err error, field func(*answer) *error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range groups {
		g := a.of(name)
		*field(g) = err
		g.moved = g.moved || !unsupported(err) && !unreadable(err)
	}
	a.large = a.large || unreadable(err)
	a.last = err
}

// put notes a request that was answered, and one group's part of it.
func (a *answers) put(name string, set func(*answer), code int16) {
	g := a.of(name)
	set(g)
	switch err := kerr.ErrorForCode(code); {
	case errors.Is(err, kerr.NotCoordinator), errors.Is(err, kerr.CoordinatorNotAvailable):
		g.moved = true
	}
}

// whole is the error of a sweep that got no answer at all.
func (a *answers) whole() error {
	if a.good {
		return nil
	}
	return a.last
}

func (s *sweeper) describeClassic(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = groups
	resp, err := request(ctx, client, node, req)
	if err != nil {
		a.fail(groups, fmt.Errorf("describe groups: %w", err), func(g *answer) *error { return &g.classicErr })
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.good = true
	got := resp.(*kmsg.DescribeGroupsResponse).Groups
	for i := range got {
		a.put(got[i].Group, func(g *answer) { g.classic = &got[i] }, got[i].ErrorCode)
	}
}

func (s *sweeper) describeConsumer(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = groups
	resp, err := request(ctx, client, node, req)
	if err != nil {
		a.fail(groups, fmt.Errorf("describe groups of the new protocol: %w", err), func(g *answer) *error { return &g.consumerErr })
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.good = true
	got := resp.(*kmsg.ConsumerGroupDescribeResponse).Groups
	for i := range got {
		a.put(got[i].Group, func(g *answer) { g.consumer = &got[i] }, got[i].ErrorCode)
	}
}

// fetchOffsets names the topic and its partitions: without names, a topic that may not be described
// is left out, which looks like a group that never committed.
func (s *sweeper) fetchOffsets(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	if len(s.layout.leaders) == 0 {
		a.fail(nil, s.layout.err, nil)
		return
	}
	topic := kmsg.NewOffsetFetchRequestGroupTopic()
	topic.Topic, topic.TopicID, topic.Partitions = s.topic, s.layout.topicID, s.layout.partitions()
	req := kmsg.NewPtrOffsetFetchRequest()
	for _, name := range groups {
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group, g.Topics = name, []kmsg.OffsetFetchRequestGroupTopic{topic}
		req.Groups = append(req.Groups, g)
	}
	resp, err := request(ctx, client, node, req)
	if err == nil && resp.GetVersion() < oldestFetch {
		err = kerr.UnsupportedVersion
	}
	if err != nil {
		a.fail(groups, fmt.Errorf("fetch committed offsets: %w", err), func(g *answer) *error { return &g.commitsErr })
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.good = true
	got := resp.(*kmsg.OffsetFetchResponse).Groups
	for i := range got {
		a.put(got[i].Group, func(g *answer) { g.commits = &got[i] }, got[i].ErrorCode)
	}
}

// listGroups looks for groups that are no team's; the next sweep describes them beside the teams'.
// A broker that refuses or is away is passed over: the next list is soon.
func (s *sweeper) listGroups(ctx context.Context, now time.Time) {
	s.listedAt = now
	var mu sync.Mutex
	var wg sync.WaitGroup
	listed, shares := []string{}, map[string]bool{}
	for _, node := range s.layout.nodes {
		wg.Go(func() {
			resp, err := request(ctx, s.alone, node, kmsg.NewPtrListGroupsRequest())
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got := resp.(*kmsg.ListGroupsResponse)
			listed = append(listed, s.strange(got)...)
			for _, g := range got.Groups {
				if g.GroupType == "share" && s.team[g.Group] {
					shares[g.Group] = true
				}
			}
		})
	}
	wg.Wait()
	s.shares = shares
	slices.Sort(listed)
	listed = slices.Compact(listed)
	s.listed = listed[:min(len(listed), mostStrangers)]
}

// strange picks the groups that may be consumers of the topic and are no team's.
func (s *sweeper) strange(resp *kmsg.ListGroupsResponse) []string {
	var out []string
	for _, g := range resp.Groups {
		consumer := g.ProtocolType == "consumer" || g.ProtocolType == ""
		if consumer && g.GroupType != "share" && !s.team[g.Group] && len(g.Group) <= longestName {
			out = append(out, g.Group)
		}
	}
	return out
}
