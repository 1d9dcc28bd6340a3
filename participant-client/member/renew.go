package member

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// An era is the time of one topic of the name: each that is made anew begins another.
type era int

// A spent commit is the last that a member of ours made in a partition, and in which era.
type spent struct {
	era    era
	offset int64
}

// renew replaces the living members of the last era, because the topic was deleted and made anew: the library stays
// with the topic's old id for as long as a client lives. What they have read and not committed is of records that are gone.
func (c *Crew) renew() {
	c.seen.reset()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.awaited {
		c.era++
	}
	c.awaited = false
	for _, m := range c.members {
		if m.era < c.era {
			m.outdate()
		}
	}
}

// await begins an era before the new topic is there.
func (c *Crew) await(from era) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.era == from {
		c.era++
		c.awaited = true
	}
}

// spend notes what a member has committed.
func (c *Crew) spend(in era, partition int32, offset int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spent[partition] = spent{in, offset}
}

// isSpent reports an offset that one of ours committed in an earlier era. Kafka takes a commit by the topic's name, so
// a member that does not know yet can write an old offset on the new topic, and records before it would be skipped.
func (c *Crew) isSpent(now era, partition int32, offset int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.spent[partition]
	return ok && s.era < now && s.offset == offset
}

// adjust begins at the start where the commit is of an earlier era.
func (m *member) adjust(_ context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	for p, o := range offsets[m.cfg.Topic] {
		if m.crew.isSpent(m.era, p, o.EpochOffset().Offset) {
			offsets[m.cfg.Topic][p] = kgo.NewOffset().AtStart()
		}
	}
	return offsets, nil
}

// replace starts a member with the number, the pace and the pause of one that is over. It reports false when the run is
// over, too.
func (c *Crew) replace(old *member) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil || c.run.Err() != nil || c.members[old.instance] != old {
		return false
	}

	m, err := newMember(c, old.instance)
	if err != nil {
		c.end(fmt.Errorf("start member %d again: %w", old.instance, err))
		return false
	}
	m.slow = old.slowness()
	if old.isPaused() {
		m.pause(true)
	}
	c.members[m.instance] = m
	c.ended.Go(m.live)
	return true
}

// outdate makes a member leave and commit nothing, so that another takes its place.
func (m *member) outdate() {
	m.mu.Lock()
	m.outdated = m.state != Dead
	leave := m.outdated
	m.mu.Unlock()
	if leave {
		m.leave()
	}
}

func (m *member) isOutdated() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outdated
}

func (m *member) isPaused() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.paused
}
