package observe

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	requestTimeout  = 2 * time.Second  // of one request of a sweep
	layoutMaxAge    = 2 * time.Second  // the topic's id, partitions and leaders
	listEvery       = 10 * time.Second // groups that are nobody's
	mostStrangers   = 500              // described for being strangers, at most
	longestName     = 1024             // of a stranger, in bytes
	tooOldText      = "broker is too old"
	unknownKeyText  = "request key is unknown"
	oldestFetch     = 8 // OffsetFetch takes many groups from version 8 on
	notJoined       = "NotJoined"
	coordinatorType = 0 // of a group, in FindCoordinator
)

// A sweeper is what one sweep leaves for the next. Each sweep sends four batched requests to a
// broker (DescribeGroups, ConsumerGroupDescribe, OffsetFetch, ListOffsets for the ends) and has room
// for one more, which goes to whatever is due: coordinators, the topic's layout, the list of groups,
// or the log's starts. Requests go straight to the broker they are for: the library's own sharding
// would try a group's error again and again and hold up the whole room for it.
type sweeper struct {
	client *kgo.Client
	alone  *kgo.Client // for what may break its connection; its own, so that nothing else breaks with it
	topic  string
	groups []string // the teams', in their order
	team   map[string]bool

	most  int                  // groups in one request
	apart map[string]time.Time // groups too large to be described with others, and when each is due again

	coordinators map[string]int32
	findErr      map[string]error
	layout       layout
	partitions   int // of the topic, as last known
	starts       []int64
	found        bool // the last sweep's spare request looked for coordinators
	listedAt     time.Time
	listed       []string // groups that are no team's, to describe in the next sweep
	others       []string // the same, in this sweep
	strangers    []game.Stranger
	shares       map[string]bool // teams' names that are share groups', as last listed

	expressions map[string]*regexp.Regexp // that members subscribe by; nil for one that does not compile
}

func newSweeper(client, alone *kgo.Client, cfg Config) *sweeper {
	s := &sweeper{
		client: client, alone: alone, most: workshop.MaxTeams + mostStrangers, apart: map[string]time.Time{}, topic: cfg.Topic(), team: map[string]bool{},
		coordinators: map[string]int32{}, findErr: map[string]error{}, expressions: map[string]*regexp.Regexp{},
	}
	for team := 1; team <= cfg.Teams; team++ {
		name := cfg.Group(team)
		s.groups = append(s.groups, name)
		s.team[name] = true
	}
	return s
}

// sweep looks once. It returns facts for every team, whatever went wrong.
func (s *sweeper) sweep(ctx context.Context, now time.Time) game.Sweep {
	wantStarts, err := s.prepare(ctx, now)
	if err != nil {
		return s.failed(err)
	}
	asked := append(slices.Clone(s.groups), s.others...)
	a := newAnswers(len(asked))
	asked, due := s.setApart(asked, a, now)

	var wg sync.WaitGroup
	nodes := s.byNode(asked, a)
	for node, groups := range nodes {
		for some := range slices.Chunk(groups, s.most) {
			wg.Go(func() { s.describeClassic(ctx, s.client, node, some, a) })
			wg.Go(func() { s.describeConsumer(ctx, s.client, node, some, a) })
			wg.Go(func() { s.fetchOffsets(ctx, s.client, node, some, a) })
		}
	}
	var ends, starts offsets
	wg.Go(func() { ends = s.listOffsets(ctx, -1) })
	if wantStarts {
		wg.Go(func() { starts = s.listOffsets(ctx, -2) })
	}
	wg.Wait()

	if a.large {
		s.isolate(ctx, nodes, a, now)
		ends = s.listOffsets(ctx, -1) // it went with the connection
	}
	s.askApart(ctx, due, a, now)
	if err := a.whole(); err != nil {
		s.forgetFailed(a)
		return s.failed(err)
	}
	out := game.Sweep{At: time.Now(), Topic: s.topicFact(ends, starts)}
	for i, name := range s.groups {
		out.Groups = append(out.Groups, s.fact(i+1, name, a.of(name)))
	}
	s.meetStrangers(a)
	out.Strangers = s.strangers
	s.forgetFailed(a)
	return out
}

// prepare sends what the rest relies on, and says whether the sweep has room for the log's starts.
// Only the first sweep needs more than its five requests. A group whose coordinator may not be asked
// for takes every other sweep's spare request, not all.
func (s *sweeper) prepare(ctx context.Context, now time.Time) (wantStarts bool, err error) {
	if s.listed != nil {
		s.others, s.listed = s.listed, nil
	}
	if s.layout.at.IsZero() {
		if err := s.loadLayout(ctx, now); err != nil {
			return false, err
		}
		return true, s.find(ctx, s.missing())
	}
	if missing := s.missing(); len(missing) > 0 && !s.found {
		return false, s.find(ctx, missing)
	}
	s.found = false
	switch {
	case s.layout.dirty || now.Sub(s.layout.at) >= layoutMaxAge:
		return false, s.loadLayout(ctx, now)
	case now.Sub(s.listedAt) >= listEvery:
		s.listGroups(ctx, now)
		return false, nil
	}
	return true, nil
}

func (s *sweeper) failed(err error) game.Sweep {
	s.layout.dirty = true
	return game.Sweep{At: time.Now(), Err: err.Error(), Topic: game.TopicFact{Name: s.topic, ID: s.layout.id()}}
}

// missing are the groups whose coordinator is not known.
func (s *sweeper) missing() []string {
	var out []string
	for _, names := range [][]string{s.groups, s.others} {
		for _, name := range names {
			if _, ok := s.coordinators[name]; !ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// find looks up coordinators, in one request for all of them.
func (s *sweeper) find(ctx context.Context, groups []string) error {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorType = coordinatorType
	req.CoordinatorKeys = groups
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	s.found = true
	clear(s.findErr)
	for _, shard := range s.client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			return fmt.Errorf("find coordinators: %w", shard.Err)
		}
		for _, c := range shard.Resp.(*kmsg.FindCoordinatorResponse).Coordinators {
			if err := kerr.ErrorForCode(c.ErrorCode); err != nil {
				s.findErr[c.Key] = fmt.Errorf("find the coordinator of group %s: %w", c.Key, err)
				continue
			}
			s.coordinators[c.Key] = c.NodeID
		}
	}
	return nil
}

// byNode sorts groups by their coordinator; one without is answered here.
func (s *sweeper) byNode(groups []string, a *answers) map[int32][]string {
	out := map[int32][]string{}
	for _, name := range groups {
		if node, ok := s.coordinators[name]; ok {
			out[node] = append(out[node], name)
			continue
		}
		err := s.findErr[name]
		if err == nil {
			err = fmt.Errorf("find the coordinator of group %s: no answer", name)
		}
		a.fail([]string{name}, err, func(g *answer) *error { return &g.err })
	}
	return out
}

// forgetFailed drops coordinators that turned out to be wrong or away.
func (s *sweeper) forgetFailed(a *answers) {
	for name, g := range a.groups {
		if g.moved {
			delete(s.coordinators, name)
			s.layout.dirty = true
		}
	}
}

// request sends one request to one broker, without trying again: the next sweep does that.
func request(ctx context.Context, client *kgo.Client, node int32, req kmsg.Request) (kmsg.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := client.Broker(int(node)).Request(ctx, req)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("broker %d gave no answer within %s", node, requestTimeout)
	}
	return resp, err
}

// unsupported reports a broker that does not know a request, which is no fault of its.
func unsupported(err error) bool {
	return err != nil && (errors.Is(err, kerr.UnsupportedVersion) ||
		strings.Contains(err.Error(), tooOldText) || strings.Contains(err.Error(), unknownKeyText))
}
