package observe

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Strangers are groups on the lesson's topic that belong to no team, such as tema-7.
const (
	listEvery     = 10 * time.Second // how often groups are listed
	maxStrangers  = 500              // the most foreign groups that are described
	maxStrangeLen = 1024             // in bytes; groups with longer names are left out
)

// listGroups finds groups of no team, which the next sweep describes beside the teams', and teams' groups of the wrong kind.
// It skips a broker that refuses or does not answer: the next listing is soon.
func (s *sweeper) listGroups(ctx context.Context, now time.Time) {
	s.listedAt = now
	var mu sync.Mutex // guards foreign and other
	var wg sync.WaitGroup
	foreign := []string{}
	other := map[string]bool{}
	for _, node := range s.metadata.brokers {
		wg.Go(func() {
			resp, err := request(ctx, s.isolated, node, kmsg.NewPtrListGroupsRequest())
			if err != nil {
				return
			}

			mu.Lock()
			defer mu.Unlock()
			for _, g := range resp.(*kmsg.ListGroupsResponse).Groups {
				switch isShare := g.GroupType == group.Share; {
				case s.ofTeam[g.Group] && isShare != s.share:
					other[g.Group] = true
				case !s.ofTeam[g.Group] && !isShare && mayConsume(g):
					foreign = append(foreign, g.Group)
				}
			}
		})
	}
	wg.Wait()

	slices.Sort(foreign)
	foreign = slices.Compact(foreign)
	s.listed = foreign[:min(len(foreign), maxStrangers)]
	s.otherKind = other
}

// mayConsume reports whether the group may be a consumer group, and not, for example, one of Kafka Connect.
func mayConsume(g kmsg.ListGroupsResponseGroup) bool {
	return (g.ProtocolType == "consumer" || g.ProtocolType == "") && len(g.Group) <= maxStrangeLen
}

// updateStrangers keeps the described groups of no team that are on the topic.
func (s *sweeper) updateStrangers(a *answers) {
	if s.others == nil {
		return
	}

	found := []game.Stranger{}
	for _, name := range s.others {
		f := s.groupFact(0, name, a.of(name))
		onTopic := len(f.Committed) > 0 || slices.ContainsFunc(f.Members, func(m game.MemberFact) bool { return m.OnTopic })
		if f.Err == "" && onTopic {
			found = append(found, game.Stranger{Group: clean(name), State: f.State, Members: len(f.Members) + f.More})
		}
		delete(s.coordinators, name)
	}
	slices.SortFunc(found, func(a, b game.Stranger) int { return cmp.Compare(a.Group, b.Group) })
	s.strangers = found
	s.others = nil
}

// clean makes foreign text safe to show.
func clean(text string) string { return workshop.CleanText(text, workshop.MaxText) }
