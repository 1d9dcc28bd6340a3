package observe

import (
	"context"
	"hash/maphash"
	"regexp"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// requestTimeout limits one request of a sweep. A failed request is not retried: the next sweep is soon.
const requestTimeout = 2 * time.Second

// groupsPerRequest limits requests about groups, and so their responses: see maxResponse.
const groupsPerRequest = 1000

// A sweeper holds what one sweep leaves for the next. Each sweep sends four batched requests to a broker (DescribeGroups,
// ConsumerGroupDescribe, OffsetFetch, ListOffsets for the log ends), the first three once per thousand groups. It has room
// for one more, which serves what is due: coordinators, the topic's metadata, the list of groups, or the log starts. Requests
// go directly to the broker concerned: the library's own sharding would keep retrying one group's error and hold up the sweep
// of the whole room.
type sweeper struct {
	client   *kgo.Client
	isolated *kgo.Client // for requests whose response may break the connection, so that no other request is lost with it
	topic    string
	share    bool     // teams' groups are share groups
	groups   []string // of the teams, by team
	beside   []string // of the teams, by team: the consumer groups beside their share groups; empty in other lessons
	ofTeam   map[string]bool
	kinds    map[string]string // by group: how to describe it; missing if unknown

	batch     int                  // groups in one request
	oversized map[string]time.Time // groups that are described separately, and when each is next

	coordinators     map[string]int32
	coordinatorErrs  map[string]error
	soughtLast       bool // the last sweep used its fifth request to find coordinators
	metadata         metadata
	partitions       int     // of the topic, as last known
	starts           []int64 // of the log, by partition
	listedAt         time.Time
	listed           []string // groups of no team, to describe in the next sweep
	others           []string // groups of no team, described in this sweep
	strangers        []game.Stranger
	otherKind        map[string]bool           // teams' groups that are not of the lesson's kind, as last listed
	topicExpressions map[string]*regexp.Regexp // by which members subscribe; nil for one that does not compile

	glances bool            // the last look at the groups succeeded
	seen    map[string]look // by group of a team
	movedAt time.Time       // when a look last differed from the one before
	seed    maphash.Seed    // of the fingerprints
}

func newSweeper(o *Observer) *sweeper {
	s := &sweeper{
		client:           o.client,
		isolated:         o.isolated,
		topic:            o.cfg.Topic(),
		share:            o.cfg.Lesson.Share,
		ofTeam:           map[string]bool{},
		kinds:            map[string]string{},
		batch:            groupsPerRequest,
		oversized:        map[string]time.Time{},
		coordinators:     map[string]int32{},
		coordinatorErrs:  map[string]error{},
		topicExpressions: map[string]*regexp.Regexp{},
		seen:             map[string]look{},
		seed:             maphash.MakeSeed(),
	}
	for team := 1; team <= o.cfg.Teams; team++ {
		name := o.cfg.Group(team)
		s.groups = append(s.groups, name)
		s.ofTeam[name] = true
		if s.share {
			beside := o.cfg.Beside(team)
			s.beside = append(s.beside, beside)
			s.ofTeam[beside] = true
			s.kinds[name] = group.Share
		}
	}
	return s
}

// sweep runs one sweep. It returns facts about every team, even after an error.
func (s *sweeper) sweep(ctx context.Context, now time.Time) game.Sweep {
	listStarts, err := s.prepare(ctx, now)
	if err != nil {
		return s.failed(err)
	}

	names := slices.Concat(s.groups, s.beside, s.others)
	a := newAnswers(len(names))
	names, due := s.leaveOutOversized(names, a, now)
	byCoordinator := s.byCoordinator(names, a)
	ends, starts := s.requestAll(ctx, byCoordinator, listStarts, a)
	if a.tooLarge {
		ends = s.listOffsets(ctx, logEnd) // the first answer was lost with its connection
		s.isolate(ctx, byCoordinator, a, now)
	}
	s.describeOversized(ctx, due, a, now)

	defer s.forgetMoved(a)
	if err := a.failed(); err != nil {
		return s.failed(err)
	}
	out := game.Sweep{At: time.Now(), Topic: s.topicFact(ends, starts)}
	for i, name := range s.groups {
		out.Groups = append(out.Groups, s.teamFact(i+1, name, a))
	}
	s.noteSwept(a)
	s.updateStrangers(a)
	out.Strangers = s.strangers
	return out
}

// prepare sends the requests that the others rely on, and reports whether the sweep has room for the log starts. Only the
// first sweep needs more than five requests. A group whose coordinator cannot be found uses the fifth request of every other
// sweep, not of all.
func (s *sweeper) prepare(ctx context.Context, now time.Time) (listStarts bool, err error) {
	if s.listed != nil {
		s.others = s.listed
		s.listed = nil
	}

	if s.metadata.readAt.IsZero() {
		if err := s.readMetadata(ctx, now); err != nil {
			return false, err
		}
		return true, s.findCoordinators(ctx, s.withoutCoordinator())
	}
	if missing := s.withoutCoordinator(); len(missing) > 0 && !s.soughtLast {
		return false, s.findCoordinators(ctx, missing)
	}

	s.soughtLast = false
	switch {
	case s.metadata.outdated || now.Sub(s.metadata.readAt) >= metadataMaxAge:
		return false, s.readMetadata(ctx, now)
	case now.Sub(s.listedAt) >= listEvery:
		s.listGroups(ctx, now)
		return false, nil
	}
	return true, nil
}

// requestAll sends the batched requests of a sweep concurrently. In the lesson on share groups, it lists the log ends first:
// the broker counts the records that are not done, and the count of those done follows from both, as long as the ends are not
// newer.
func (s *sweeper) requestAll(ctx context.Context, byCoordinator map[int32][]string, listStarts bool, a *answers) (ends, starts offsets) {
	if s.share {
		ends = s.listOffsets(ctx, logEnd)
	}
	var wg sync.WaitGroup
	for node, groups := range byCoordinator {
		for _, r := range s.requests(groups) {
			for batch := range slices.Chunk(r.groups, s.batch) {
				wg.Go(func() { r.ask(ctx, s.client, node, batch, a) })
			}
		}
	}
	if !s.share {
		wg.Go(func() { ends = s.listOffsets(ctx, logEnd) })
	}
	if listStarts {
		wg.Go(func() { starts = s.listOffsets(ctx, logStart) })
	}
	wg.Wait()
	for node, groups := range byCoordinator {
		s.askOtherwise(ctx, s.client, node, groups, a)
	}
	return ends, starts
}

func (s *sweeper) failed(err error) game.Sweep {
	s.glances = false
	s.metadata.outdated = true
	return game.Sweep{At: time.Now(), Err: err.Error(), Topic: game.TopicFact{Name: s.topic, ID: s.metadata.HexID()}}
}
