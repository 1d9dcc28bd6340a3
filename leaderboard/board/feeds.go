package board

import "time"

// The kinds of pages that have feeds.
const (
	roomPages = iota
	teamPages
	instructorPages
)

// A feedKey identifies a feed.
type feedKey struct {
	kind   int
	number int    // of the page, from 1, or turning; on a team's page, of the team
	find   string // the instructor's search among the teams
}

// keptFor is how many publishes a feed without viewers is kept: a few seconds, in which a page that was just loaded opens its
// stream, or a client asks again.
const keptFor = 40

// A watched feed is published while it is in use.
type watched struct {
	*feed
	began   time.Time // when it was first requested
	viewers int       // number of streams
	idle    int       // publishes since it was last requested
}

// feedOf returns the current feed of a page. The first request creates it.
func (b *Board) feedOf(k feedKey) *feed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.touch(k).feed
}

// watch returns the feed of a page, which stays published until end is called.
func (b *Board) watch(k feedKey) (f *feed, end func()) {
	b.mu.Lock()
	defer b.mu.Unlock()

	w := b.touch(k)
	w.viewers++
	return w.feed, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		w.viewers--
	}
}

// touch marks a feed as requested, and creates it if necessary. The caller holds mu.
func (b *Board) touch(k feedKey) *watched {
	w := b.feeds[k]
	if w == nil {
		w = &watched{feed: newFeed(), began: b.cfg.Now()}
		b.feeds[k] = w
		w.publish(b.parts(b.view.Load(), k, w.began), true)
	}
	w.idle = 0
	return w
}

// publishAll publishes the feeds in use, and drops the others. The caller holds mu.
func (b *Board) publishAll(s *snapshot, tick bool) {
	for k, w := range b.feeds {
		if w.viewers > 0 {
			w.idle = 0
		}
		if w.idle++; w.idle > keptFor {
			delete(b.feeds, k)
			continue
		}
		w.publish(b.parts(s, k, w.began), tick)
	}
}

// parts returns the parts of a page. began is when it was first requested.
func (b *Board) parts(s *snapshot, k feedKey, began time.Time) []spec {
	switch k.kind {
	case teamPages:
		return b.teamParts(s, k.number)
	case instructorPages:
		return b.instructorParts(s, k.number, k.find)
	}
	return b.roomParts(s, k.number, began)
}
