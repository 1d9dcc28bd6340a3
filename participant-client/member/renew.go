package member

import "fmt"

// renew replaces the living members, because the topic was deleted and made anew: the library stays with the topic's
// old id for as long as a client lives. What they have read and not committed is of records that are gone.
func (c *Crew) renew() {
	c.seen.reset()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed = true
	for _, m := range c.members {
		m.mu.Lock()
		m.outdated = m.state != Dead
		m.mu.Unlock()
		if m.isOutdated() {
			m.leave()
		}
	}
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
