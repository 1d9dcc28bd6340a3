package story

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// Lessons selects what is explained, once each, at the moment it happens.
type Lessons struct {
	cfg       Config
	now       time.Time
	explained map[string]bool // by Sentence.key
	unread    []Sentence      // explained, and not returned by Story.Advance yet

	// What the screen shows.
	shown   Sentence
	shownAt time.Time
	waiting []Sentence

	// What is going on.
	rebalance  rebalance
	owned      map[int][]int32 // what members of this process own by their events, by instance
	crash      *crash          // the last of a member of this process; nil once its partitions have owners again
	lanes      int
	sideBySide time.Time // since when two lanes or more are read
	alone      time.Time // when one member last read alone
	empty      emptyLanes
}

// A crash is a member of this process that vanished with partitions.
type crash struct {
	at       time.Time
	who      string
	instance int
	id       string
	owned    []int32
	out      bool // the group has expelled it
}

func newLessons(c Config) *Lessons {
	return &Lessons{cfg: c, explained: map[string]bool{}, owned: map[int][]int32{}}
}

// How long a sentence is shown: at least, if others wait, and at most.
const (
	minShown = 4 * time.Second
	maxShown = 12 * time.Second
)

// canWait holds the kinds that wait while others are shown. The rest are about what is on the screen right now.
var canWait = map[Kind]bool{NextToRead: true, Resumed: true, FromLatest: true, SawTooth: true, Unordered: true, Shared: true}

// goesStale holds the kinds whose facts are outdated after a moment: an offset, or how long something has lasted.
var goesStale = map[Kind]bool{NextToRead: true, Resumed: true, Silent: true, Closed: true}

// repeats holds the kinds that are shown each time they happen, though explained once.
var repeats = map[Kind]bool{Takeover: true, Handover: true}

// Explain explains what a key did.
func (l *Lessons) Explain(s Sentence) { l.add(s) }

// add explains something the first time that its key comes up, and reports whether it did.
func (l *Lessons) add(s Sentence) bool {
	if l.explained[s.key()] && !repeats[s.Kind] {
		return false
	}
	s.Lesson = !l.explained[s.key()]
	l.explained[s.key()] = true
	if s.At.IsZero() {
		s.At = l.now
	}
	l.unread = append(l.unread, s)

	age := l.now.Sub(l.shownAt)
	switch {
	case canWait[s.Kind] && l.shown.Kind != "" && age < minShown:
		l.waiting = append(l.waiting, s)
		return true
	case l.shown.Kind != "" && age < minShown/2: // nobody has read it yet
		l.waiting = append([]Sentence{l.shown}, l.waiting...)
	}
	l.show(s, l.now)
	return true
}

func (l *Lessons) show(s Sentence, now time.Time) {
	l.shown = s
	l.shownAt = now
}

// Current returns the sentence to show now, or an empty one.
func (l *Lessons) Current(now time.Time) string {
	age := now.Sub(l.shownAt)
	if age >= minShown && l.showNext(now) {
		return l.shown.String()
	}
	if age > maxShown {
		return ""
	}
	return l.shown.String()
}

// showNext shows the first sentence that waits and is still true. A stale one is dropped, and explained the next time.
func (l *Lessons) showNext(now time.Time) bool {
	for len(l.waiting) > 0 {
		s := l.waiting[0]
		l.waiting = l.waiting[1:]
		if goesStale[s.Kind] && now.Sub(s.At) > minShown/2 {
			delete(l.explained, s.key())
			continue
		}
		l.show(s, now)
		return true
	}
	return false
}

// handleEvent processes an event. s is its sentence, if said is true; before is the scene before this one.
func (l *Lessons) handleEvent(e member.Event, s Sentence, said bool, scene, before *Scene) {
	l.now = scene.Now
	l.rebalance.add(e, s, before, l.cfg.SessionTimeout)
	switch e.Kind {
	case member.Assigned, member.Revoked, member.Lost:
		l.owned[e.Instance] = e.Owned
	case member.Recreated:
		l.lanes = 0               // other partitions, and none of the old ones was added
		l.rebalance = rebalance{} // shares of the old topic and of the new one can't be compared
	case member.Committed:
		l.nextToRead(e)
	case member.Joined:
		if e.Gone && l.crash != nil && e.Member.ID == l.crash.id {
			l.crash.out = true
		}
	case member.Closed:
		delete(l.owned, e.Instance)
		l.crashed(e, s.Who)
	}

	if said && s.meaning() != "" && (s.Kind != Idle || !scene.Moving) {
		s.Aside = true
		l.add(s)
	}
}

func (l *Lessons) crashed(e member.Event, who string) {
	if e.Reason != member.Crashed || len(e.Partitions) == 0 {
		return
	}
	l.crash = &crash{at: e.At, who: who, instance: e.Instance, owned: e.Partitions}
	if e.Last != nil {
		l.crash.id = workshop.ShownID(e.Last.MemberID)
	}
}

func (l *Lessons) nextToRead(e member.Event) {
	if e.Resumed {
		return
	}
	for _, p := range e.Partitions {
		if at := e.Offsets[p]; at > 0 {
			l.add(Sentence{Kind: NextToRead, At: e.At, Partitions: []int32{p}, Offsets: map[int32]int64{p: at}})
			return
		}
	}
}

// update explains what becomes visible only over time.
func (l *Lessons) update(s *Scene) {
	l.now = s.Now
	l.takeover(s)
	l.grown(s)
	for _, said := range l.rebalance.explain(s, l.owned, l.cfg) {
		if said.Kind == Split && l.explained[said.key()] {
			said.How = again
		}
		l.add(said)
	}
	l.shared(s)
	l.colleagues(s)
	l.silence(s)
	l.reading(s)
	if said, ok := l.empty.update(s); ok {
		l.add(said)
	}
}

// takeover names the members that continue with the partitions of this process's crashed member, once the group has
// expelled it.
func (l *Lessons) takeover(s *Scene) {
	if l.crash == nil || !l.crash.out || s.Moving {
		return
	}

	var owners []string
	for _, lane := range s.Lanes {
		if !slices.Contains(l.crash.owned, lane.Partition) {
			continue
		}
		if lane.Owner < 0 || s.Members[lane.Owner].Dead() {
			return
		}
		if name := s.Members[lane.Owner].Name; !slices.Contains(owners, name) {
			owners = append(owners, name)
		}
	}

	l.add(Sentence{
		Kind: Takeover, Instance: l.crash.instance, Who: l.crash.who, Partitions: l.crash.owned, Others: owners, Took: s.Now.Sub(l.crash.at), Timeout: l.cfg.SessionTimeout,
	})
	l.crash = nil
}

func (l *Lessons) grown(s *Scene) {
	if l.lanes > 0 && len(s.Lanes) > l.lanes {
		l.add(Sentence{Kind: Grown, TotalWas: l.lanes, Total: len(s.Lanes)})
	}
	if len(s.Lanes) > 0 {
		l.lanes = len(s.Lanes)
	}
}

// colleagues explains colleagues' members that own nothing.
func (l *Lessons) colleagues(s *Scene) {
	for _, a := range s.Members {
		switch {
		case a.Instance > 0:
		case len(a.Elsewhere) > 0:
			l.add(Sentence{Kind: OtherTopic, Who: a.Name, MemberID: a.ID, Others: a.Elsewhere})
		case len(a.Partitions) == 0 && len(s.Members) > len(s.Lanes) && len(s.Lanes) > 0 && !s.Moving:
			l.add(Sentence{Kind: Idle, Who: a.Name, MemberID: a.ID, Total: len(s.Lanes)})
		}
	}
}

// silence explains a colleague's member that has committed nothing for longer than it usually takes.
func (l *Lessons) silence(s *Scene) {
	for _, lane := range s.Lanes {
		if lane.Silent > 0 && lane.Owner >= 0 && s.Members[lane.Owner].Instance == 0 && !s.Moving {
			owner := s.Members[lane.Owner]
			l.add(Sentence{Kind: Silent, Who: owner.Name, MemberID: owner.ID, Partitions: []int32{lane.Partition}, Took: lane.Silent})
			return
		}
	}
}

// reading explains what becomes visible once two lanes have been read for a while.
func (l *Lessons) reading(s *Scene) {
	reading := 0
	for _, lane := range s.Lanes {
		if lane.Owner >= 0 && s.Members[lane.Owner].Instance > 0 && lane.PerSecond > 0 {
			reading++
		}
	}
	if reading < 2 {
		l.sideBySide = s.Now
		return
	}

	span := s.Now.Sub(l.sideBySide)
	if !l.explained[string(NextToRead)] || span <= 20*time.Second {
		return
	}
	if l.cfg.CommitInterval > 0 && l.add(Sentence{Kind: SawTooth, Every: l.cfg.CommitInterval}) {
		return
	}
	if span > 50*time.Second {
		l.add(Sentence{Kind: Unordered})
	}
}

// shared explains that members share the records, once two have read side by side for a while.
func (l *Lessons) shared(s *Scene) {
	var owners []string
	for _, lane := range s.Lanes {
		if lane.Owner < 0 || lane.PerSecond <= 0 || s.Moving {
			continue
		}
		if name := s.Members[lane.Owner].Name; !slices.Contains(owners, name) {
			owners = append(owners, name)
		}
	}
	switch {
	case len(owners) < 2:
		l.alone = s.Now
	case s.Now.Sub(l.alone) > 12*time.Second:
		l.add(Sentence{Kind: Shared, Who: owners[0], Others: owners[1:2]})
	}
}
