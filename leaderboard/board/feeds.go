package board

import "time"

// The kinds of pages that have feeds.
const (
	roomPages = iota
	teamPages
	instructorPages
)

// A feedKey tells feeds apart.
type feedKey struct {
	kind   int
	number int    // of the page from 1, or turning; of the team on a team's page
	find   string // what the instructor looks for among the teams
}

// keptFor is how many publishes a feed stays that nobody watches: some seconds, in which a page that was just loaded
// opens its stream, or asks again.
const keptFor = 40

// A watched feed is published as long as somebody looks at it.
type watched struct {
	*feed
	began   time.Time // when somebody looked at it first
	viewers int       // that stream it
	idle    int       // publishes since anybody looked at it
}

// feedOf returns the feed of a page as of now. It is made for who looks first.
func (b *Board) feedOf(k feedKey) *feed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.touch(k).feed
}

// watch returns the feed of a page, which is published until end is called.
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

// touch returns a feed that somebody looks at, and makes it if there is none. The caller holds mu.
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

// publishAll publishes the pages that somebody looks at, and drops the others. The caller holds mu.
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

// parts returns the parts of a page. began is when somebody looked at it first.
func (b *Board) parts(s *snapshot, k feedKey, began time.Time) []spec {
	switch k.kind {
	case teamPages:
		return b.teamParts(s, k.number)
	case instructorPages:
		return b.instructorParts(s, k.number, k.find)
	}
	return b.roomParts(s, k.number, began)
}
