package observe

import (
	"cmp"
	"context"
	"fmt"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func (s *sweeper) describeShare(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	req := kmsg.NewPtrShareGroupDescribeRequest()
	req.GroupIDs = groups
	resp, err := request(ctx, client, node, req)
	a.read(groups, err, func(g *answer) *error { return &g.shareErr }, func() {
		for _, described := range resp.(*kmsg.ShareGroupDescribeResponse).Groups {
			a.add(described.GroupID, described.ErrorCode, func(g *answer) { g.share = &described })
		}
	})
}

// fetchShares fetches the share groups' offsets in the topic.
func (s *sweeper) fetchShares(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	if len(s.metadata.Leaders) == 0 {
		return // the metadata has the error
	}

	topic := kmsg.NewDescribeShareGroupOffsetsRequestGroupTopic()
	topic.Topic = s.topic
	topic.Partitions = s.metadata.numbers()
	req := kmsg.NewPtrDescribeShareGroupOffsetsRequest()
	for _, name := range groups {
		g := kmsg.NewDescribeShareGroupOffsetsRequestGroup()
		g.GroupID = name
		g.Topics = []kmsg.DescribeShareGroupOffsetsRequestGroupTopic{topic}
		req.Groups = append(req.Groups, g)
	}
	resp, err := request(ctx, client, node, req)
	a.read(groups, err, func(g *answer) *error { return &g.sharesErr }, func() {
		version := resp.GetVersion()
		for _, fetched := range resp.(*kmsg.DescribeShareGroupOffsetsResponse).Groups {
			a.add(fetched.GroupID, fetched.ErrorCode, func(g *answer) { g.shares, g.sharesVersion = &fetched, version })
		}
	})
}

// teamFact builds a fact from a team's group and, in a share lesson, the consumer group beside it.
func (s *sweeper) teamFact(team int, name string, a *answers) game.GroupFact {
	if !s.share {
		return s.groupFact(team, name, a.of(name))
	}

	out := s.shareFact(team, name, a.of(name))
	beside := s.groupFact(team, s.beside[team-1], a.of(s.beside[team-1]))
	out.Beside = &beside
	return out
}

// shareFact builds a fact from a share group. Its members own nothing, even if partitions are assigned to them.
func (s *sweeper) shareFact(team int, name string, a *answer) game.GroupFact {
	out := game.GroupFact{Team: team, Name: name, OtherKind: s.otherKind[name]}
	s.addShares(&out, a)

	err := a.err
	if err == nil && a.share == nil {
		err = cmp.Or(a.shareErr, group.ErrNoAnswer)
	}
	var g *group.Group
	if err == nil {
		g, err = group.DecodeShare(name, a.share)
	}
	switch {
	case kafka.Unsupported(err):
		out.Err = kafka.ErrNoShareGroups.Error()
		return out
	case err != nil:
		out.Err = fmt.Sprintf("describe group %s: %v", name, err)
		return out
	}

	out.State = g.State
	out.Protocol = g.Protocol
	out.Assignor = g.Assignor
	for _, m := range g.Members {
		fact := s.memberFact(m)
		fact.Takes, fact.Partitions = fact.Partitions, nil
		out.Members = append(out.Members, fact)
	}
	s.limitMembers(&out)
	return out
}

// addShares sets the group's progress. Brokers before 4.2 do not report how many records are not done; game computes it then.
func (s *sweeper) addShares(out *game.GroupFact, a *answer) {
	out.Committed = map[int32]int64{}
	err := a.err
	if err == nil && a.shares == nil {
		err = cmp.Or(a.sharesErr, s.metadata.Err, group.ErrNoAnswer)
	}
	var shares map[group.Partition]group.SharePartition
	if err == nil {
		shares, err = group.DecodeShares(a.sharesVersion, a.shares)
	}
	if err != nil {
		out.CommitErr = fmt.Sprintf("describe the offsets of share group %s: %v", out.Name, err)
		return
	}

	backlog := map[int32]int64{}
	for p, at := range shares {
		if p.Topic != s.topic || at.Start < 0 {
			continue
		}
		out.Committed[p.ID] = at.Start
		if at.Lag >= 0 {
			backlog[p.ID] = at.Lag
		}
	}
	if len(backlog) == len(out.Committed) {
		out.Backlog = backlog
	}
}
