package observe

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// groupCoordinator is the coordinator type in FindCoordinator requests.
const groupCoordinator = 0

// withoutCoordinator returns the groups whose coordinator is unknown.
func (s *sweeper) withoutCoordinator() []string {
	var out []string
	for _, names := range [][]string{s.groups, s.beside, s.others} {
		for _, name := range names {
			if _, ok := s.coordinators[name]; !ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// findCoordinators looks up the groups' coordinators, one batch per request.
func (s *sweeper) findCoordinators(ctx context.Context, groups []string) error {
	s.soughtLast = true
	clear(s.coordinatorErrs)
	for batch := range slices.Chunk(groups, s.batch) {
		if err := s.findSome(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (s *sweeper) findSome(ctx context.Context, groups []string) error {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorType = groupCoordinator
	req.CoordinatorKeys = groups
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()

	for _, shard := range s.client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			return fmt.Errorf("find coordinators: %w", shard.Err)
		}
		for _, c := range shard.Resp.(*kmsg.FindCoordinatorResponse).Coordinators {
			if err := kerr.ErrorForCode(c.ErrorCode); err != nil {
				s.coordinatorErrs[c.Key] = fmt.Errorf("find the coordinator of group %s: %w", c.Key, err)
				continue
			}
			s.coordinators[c.Key] = c.NodeID
		}
	}
	return nil
}

// byCoordinator groups the names by coordinator. A group without a coordinator gets an error as its answer.
func (s *sweeper) byCoordinator(groups []string, a *answers) map[int32][]string {
	out := map[int32][]string{}
	for _, name := range groups {
		if node, ok := s.coordinators[name]; ok {
			out[node] = append(out[node], name)
			continue
		}

		err := s.coordinatorErrs[name]
		if err == nil {
			err = fmt.Errorf("find the coordinator of group %s: no answer", name)
		}
		a.read([]string{name}, err, func(g *answer) *error { return &g.err }, nil)
	}
	return out
}

// forgetMoved deletes coordinators that are no longer in charge or do not answer.
func (s *sweeper) forgetMoved(a *answers) {
	for name, g := range a.groups {
		if g.moved {
			delete(s.coordinators, name)
			s.metadata.outdated = true
		}
	}
}
