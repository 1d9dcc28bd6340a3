package member

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// An incarnation counts how often the topic was deleted and created again.
type incarnation int

// An oldCommit is the last commit that a member of this process made in a partition, and in which incarnation.
type oldCommit struct {
	incarnation incarnation
	offset      int64
}

// replaceMembers replaces the members of the last incarnation. The library stays with the ID that the topic had when a
// client started, and what those members have read and not committed belongs to records that are gone.
func (g *Group) replaceMembers() {
	g.seen.reset()
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.recreationExpected {
		g.incarnation++
	}
	g.recreationExpected = false

	for _, m := range g.members {
		if m.incarnation < g.incarnation {
			m.retire()
		}
	}
}

// expectRecreation begins the next incarnation before the new topic exists.
func (g *Group) expectRecreation(from incarnation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.incarnation == from {
		g.incarnation++
		g.recreationExpected = true
	}
}

// recordCommit stores what a member has committed.
func (g *Group) recordCommit(in incarnation, partition int32, offset int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lastCommits[partition] = oldCommit{in, offset}
}

// isFromOldTopic reports whether this process committed the offset in an earlier incarnation. Brokers before 4.1 accept
// a commit by the topic's name, so a member that does not know yet can commit an old offset on the new topic, and
// records before it would be skipped.
func (g *Group) isFromOldTopic(now incarnation, partition int32, offset int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	last, ok := g.lastCommits[partition]
	return ok && last.incarnation < now && last.offset == offset
}

// adjustOffsets returns the offsets at which the library starts to read: commits of an earlier incarnation are ignored,
// and where there is no commit, the log's start or end is resolved to a number. The library's SetOffsets ignores a
// partition without a number, so a first batch that cannot be read could not be skipped. The library resolves what the
// broker does not list here.
func (m *member) adjustOffsets(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	own := offsets[m.cfg.Topic]
	var uncommitted []int32
	for p, o := range own {
		if m.group.isFromOldTopic(m.incarnation, p, o.EpochOffset().Offset) {
			own[p] = kgo.NewOffset().AtStart()
		}
		if own[p].EpochOffset().Offset < 0 {
			uncommitted = append(uncommitted, p)
		}
	}
	if len(uncommitted) == 0 {
		return offsets, nil
	}

	<-m.ready
	listed, _ := m.listOffsets(ctx, m.cfg.From) // of an earlier incarnation, too: From is earliest then
	for _, p := range uncommitted {
		if found, ok := listed.Lookup(m.cfg.Topic, p); ok && found.Err == nil {
			own[p] = kgo.NewOffset().At(found.Offset)
		}
	}
	return offsets, nil
}

// restart starts a member with the number, the speed and the pause of one that has ended. It returns false if the run
// has ended, too.
func (g *Group) restart(old *member) bool {
	again, err := g.replace(old)
	if err != nil {
		g.roster.End(fmt.Errorf("start member %d again: %w", old.instance, err))
	}
	return again
}

func (g *Group) replace(old *member) (again bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.roster.Running() || g.members[old.instance] != old {
		return false, nil
	}

	m, err := newMember(g, old.instance)
	if err != nil {
		return false, err
	}
	m.slow = old.slowness()
	if old.isPaused() {
		m.pause(true)
	}
	g.members[m.instance] = m
	g.roster.Go(m.run)
	return true, nil
}

// retire makes a member leave without a commit, so that another one takes its place.
func (m *member) retire() {
	m.mu.Lock()
	m.retired = m.state != Dead
	leave := m.retired
	m.mu.Unlock()
	if leave {
		m.leave()
	}
}

func (m *member) isRetired() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.retired
}

func (m *member) isPaused() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.paused
}
