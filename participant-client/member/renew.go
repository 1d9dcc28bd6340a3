package member

import "fmt"

// renew replaces the living members, because the topic was deleted and made anew: the library stays with the topic's
// old id for as long as a client lives. What they have read and not committed is of records that are gone.
func (c *Crew) renew() {
	c.seen.reset()
	c.expectNew()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		m.outdate()
	}
}

// expectNew makes members that start from now on read all of the topic, for it is not the one that From was given for.
func (c *Crew) expectNew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed = true
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
