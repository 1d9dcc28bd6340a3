package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// settledOn waits until the board shows that the members own everything, and their own accounts agree. It returns the board's
// time of that.
func settledOn(t *testing.T, p *program, members ...*noted) (at time.Time, who string) {
	t.Helper()
	p.until(t, fmt.Sprintf("%d members that own everything, by their own account too", len(members)), func(b game.Board) bool {
		team := b.Teams[0]
		if team.State != "Stable" || team.StaleSince != nil || len(team.Members) != len(members) {
			return false
		}
		clients := map[string]string{}
		for _, m := range team.Members {
			clients[m.MemberID] = m.ClientID
		}
		var owned []string
		for _, l := range team.Lanes {
			if l.Owner == nil || l.Moving || l.SilentSince != nil {
				return false
			}
			owned = append(owned, fmt.Sprintf("P%d %s", l.Partition, clients[*l.Owner]))
		}
		at, who = b.AsOf.Time, strings.Join(owned, ", ")
		return who == accounts(members...)
	})
	return at, who
}

// committing waits until the member has committed a few times, so that the board knows its interval.
func committing(t *testing.T, p *program, m *noted) {
	t.Helper()
	lane, commits, last := m.owns()[0], 0, int64(-1)
	p.until(t, "commits of "+m.client, func(b game.Board) bool {
		if c := b.Teams[0].Committed[lane].Committed; c != nil && *c != last {
			commits, last = commits+1, *c
		}
		return commits > 4
	})
}

// Members join, leave and crash. What /replay shows of it, from memory and from Postgres, is what the live board showed at
// those times and what the members themselves know.
func TestReplayIsWhatTheLiveBoardShowed(t *testing.T) {
	var all sync.WaitGroup
	for name, s := range map[string]scene{
		"range":       {[]kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.SessionTimeout(sessionTimeout)}, []string{game.LaneOwned, game.LaneMoving, game.LaneSilent}},
		"cooperative": {[]kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.SessionTimeout(sessionTimeout)}, []string{game.LaneOwned, game.LaneSilent}},
		"server":      {[]kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer()}, []string{game.LaneOwned, game.LaneSilent}}, // the session timeout is the broker's
	} {
		all.Go(func() { t.Run(name, func(t *testing.T) { s.replayed(t) }) })
	}
	all.Wait()
}

// A scene is how members behave, and the states of lanes that follow.
type scene struct {
	opts   []kgo.Opt
	states []string
}

func (s scene) replayed(t *testing.T) {
	opts := s.opts
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, postgrestest.URL(t))
	p.ready(t, http.StatusOK)
	feed(t, w.Cluster)
	live := p.record(t)
	type settled struct {
		at  time.Time
		who string
	}
	var moments []settled
	settle := func(members ...*noted) {
		at, who := settledOn(t, p, members...)
		moments = append(moments, settled{at, who})
	}

	ann := join(t, w.Cluster, "ann", opts...)
	settle(ann)
	bob := join(t, w.Cluster, "bob", opts...)
	settle(ann, bob)
	eve := join(t, w.Cluster, "eve", opts...)
	settle(ann, bob, eve)
	bob.CloseAllowingRebalance()
	settle(ann, eve)
	committing(t, p, eve)
	eve.crash()
	settle(ann)
	eve.outlived() // until its session expires, it still owns its partitions
	ida := join(t, w.Cluster, "ida", opts...)
	settle(ann, ida)

	now := p.replay(t, "")
	live.compare(t, now, s.states)
	all := []*noted{ann, bob, eve, ida}
	for _, m := range moments {
		if got := now.owners(m.at); got != m.who {
			t.Errorf("at %v the members owned %s, the replay shows %s", m.at, m.who, got)
		}
	}
	spansAgainstAccounts(t, now, all)

	if status := p.act(t, "rounds", ""); status != http.StatusOK {
		t.Fatalf("a new round: %d", status)
	}
	p.until(t, "round 2", func(b game.Board) bool { return b.Round == 2 })
	live.compare(t, p.replay(t, "?round=1"), s.states)
}

// spansAgainstAccounts compares the time for which a member is shown to own a lane with its own notes. A sweep sees an
// assignment up to its interval later than the member, or slightly earlier, because the broker knows it before the member's
// callback.
func spansAgainstAccounts(t *testing.T, p played, members []*noted) {
	t.Helper()
	const accuracy = 2 * time.Second // a sweep every 250 ms, on a machine that is busy with other tests
	checked := 0
	for _, o := range p.ownerships() {
		from, to := o.from.Add(accuracy), o.to.Add(-accuracy)
		if !from.Before(to) {
			continue
		}
		if !slices.ContainsFunc(members, func(m *noted) bool { return m.client == o.client && m.ownedAll(o.partition, from, to) }) {
			t.Errorf("P%d is told as owned by %s from %v to %v, and by no note of its own", o.partition, o.client, o.from, o.to)
		}
		checked++
	}
	if checked == 0 {
		t.Error("no span was long enough to be held against the members' notes")
	}
	t.Logf("%d of them held against the members' notes", checked)
}

// An ownership is a lane with one owner, silent or not.
type ownership struct {
	ownedFor
	client string
}

func (p played) ownerships() []ownership {
	var out []ownership
	at := func(ms int64) time.Time { return p.From.Add(time.Duration(ms) * time.Millisecond) }
	spans := slices.Clone(p.Teams[0].Spans)
	slices.SortFunc(spans, func(a, b [5]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, s := range spans {
		if state := p.States[s[4]]; s[2] < 0 || (state != game.LaneOwned && state != game.LaneSilent) {
			continue
		}
		o := ownership{ownedFor{int32(s[0]), at(s[1]), at(s[2])}, p.Teams[0].Members[s[3]].ClientID}
		if last := len(out) - 1; last >= 0 && out[last].client == o.client && out[last].partition == o.partition && out[last].to.Equal(o.from) {
			out[last].to = o.to
			continue
		}
		out = append(out, o)
	}
	return out
}

// ownedAll reports whether the member noted that it owned the partition all the time.
func (m *noted) ownedAll(p int32, from, to time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	notes := slices.Clone(m.notes)
	if since, ok := m.owned[p]; ok {
		notes = append(notes, ownedFor{p, since, to})
	}
	return slices.ContainsFunc(notes, func(n ownedFor) bool { return n.partition == p && !n.from.After(from) && !n.to.Before(to) })
}
