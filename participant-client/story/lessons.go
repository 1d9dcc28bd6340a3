package story

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
)

// Lessons picks what is explained, once each, at the moment it happens.
type Lessons struct {
	cfg Config

	explained map[string]bool
	fresh     []Sentence // since they were last taken
	shown     Sentence   // since at
	at        time.Time
	waiting   []Sentence
	now       time.Time
	change    change
	owned     map[int][]int32 // what members of ours own by their events, by instance
	crash     *crash          // of a member of ours, the last; nil when what it owned has owners again
	lanes     int
	since     time.Time // reading two lanes or more
	alone     time.Time // when one member last read alone
}

// A crash is a member of ours that vanished with partitions.
type crash struct {
	at      time.Time
	who, id string
	owned   []int32
	out     bool // the group has given it up
}

func newLessons(c Config) *Lessons {
	return &Lessons{cfg: c, explained: map[string]bool{}, owned: map[int][]int32{}}
}

// How long a sentence is shown: until another has to be, and at most.
const (
	least = 4 * time.Second
	most  = 12 * time.Second
)

// patient are kinds that can wait for others; the rest are about what you see right now.
var patient = map[Kind]bool{NextToRead: true, Resumed: true, FromLatest: true, SawTooth: true, Unordered: true, Shared: true}

// ages are kinds whose facts are old after a moment: where somebody stands, or how long something has been.
var ages = map[Kind]bool{NextToRead: true, Resumed: true, Silent: true, Closed: true}

// every are kinds that are said each time that they happen, though explained once.
var every = map[Kind]bool{Takeover: true, Handover: true}

// add explains something the first time that its key comes up, and reports whether it did.
func (l *Lessons) add(s Sentence) bool {
	if l.explained[s.key()] && !every[s.Kind] {
		return false
	}
	s.Lesson = !l.explained[s.key()]
	l.explained[s.key()] = true
	if s.At.IsZero() {
		s.At = l.now
	}
	l.fresh = append(l.fresh, s)

	age := l.now.Sub(l.at)
	switch {
	case patient[s.Kind] && l.shown.Kind != "" && age < least:
		l.waiting = append(l.waiting, s)
		return true
	case l.shown.Kind != "" && age < least/2: // nobody has read it yet
		l.waiting = append([]Sentence{l.shown}, l.waiting...)
	}
	l.shown, l.at = s, l.now
	return true
}

// Current is the sentence to show now, if any.
func (l *Lessons) Current(now time.Time) string {
	if age := now.Sub(l.at); age >= least && l.next(now) {
		return l.shown.String()
	} else if age > most {
		return ""
	}
	return l.shown.String()
}

// next shows the first sentence that waits and is still true. One that waited too long is dropped, and comes when it
// happens again.
func (l *Lessons) next(now time.Time) bool {
	for len(l.waiting) > 0 {
		s := l.waiting[0]
		l.waiting = l.waiting[1:]
		if ages[s.Kind] && now.Sub(s.At) > least/2 {
			delete(l.explained, s.key())
			continue
		}
		l.shown, l.at = s, now
		return true
	}
	return false
}

// event handles one that was made a sentence of, if it needs one.
func (l *Lessons) event(e member.Event, s Sentence, ok bool, scene, before *Scene) {
	l.now = scene.Now
	l.change.add(e, s, before, l.cfg.SessionTimeout)
	switch e.Kind {
	case member.Assigned, member.Revoked, member.Lost:
		l.owned[e.Instance] = e.Owned
	case member.Closed:
		delete(l.owned, e.Instance)
	}

	switch {
	case e.Kind == member.Recreated:
		l.lanes = 0         // other partitions, and none of the old ones has grown
		l.change = change{} // what members give and get of the new topic is no share of the old one
	case e.Kind == member.Committed && !e.Resumed:
		l.nextToRead(e)
	case e.Kind == member.Joined && e.Gone && l.crash != nil && e.Member.ID == l.crash.id:
		l.crash.out = true
	case e.Kind == member.Closed && e.Reason == member.Crashed && len(e.Partitions) > 0:
		l.crash = &crash{at: e.At, who: s.Who, owned: e.Partitions}
		if e.Last != nil {
			l.crash.id = workshop.ShownID(e.Last.MemberID)
		}
	}
	if ok && s.Meaning() != "" && (s.Kind != Idle || !scene.Moving) {
		s.Aside = true
		l.add(s)
	}
}

func (l *Lessons) nextToRead(e member.Event) {
	for _, p := range e.Partitions {
		if at := e.Offsets[p]; at > 0 {
			l.add(Sentence{Kind: NextToRead, At: e.At, Partitions: []int32{p}, Offsets: map[int32]int64{p: at}})
			return
		}
	}
}

// watch explains what shows only over time.
func (l *Lessons) watch(s *Scene) {
	l.now = s.Now
	l.takeover(s)
	l.grown(s)
	for _, said := range l.change.explain(s, l.owned, l.cfg) {
		if said.Kind == Split && l.explained[said.key()] {
			said.How = again
		}
		l.add(said)
	}
	l.apart(s)
	l.colleagues(s)
	l.silence(s)
	l.reading(s)
}

// takeover explains who goes on with the partitions of a member of ours that crashed, once the group has given it up.
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
	l.add(Sentence{Kind: Takeover, Who: l.crash.who, Partitions: l.crash.owned, Others: owners, Took: s.Now.Sub(l.crash.at), Timeout: l.cfg.SessionTimeout})
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

// colleagues explains members of others that own nothing.
func (l *Lessons) colleagues(s *Scene) {
	for _, a := range s.Members {
		switch {
		case a.Instance > 0:
		case len(a.Elsewhere) > 0:
			l.add(Sentence{Kind: OtherTopic, Who: a.Name, Others: a.Elsewhere})
		case len(a.Partitions) == 0 && len(s.Members) > len(s.Lanes) && len(s.Lanes) > 0 && !s.Moving:
			l.add(Sentence{Kind: Idle, Who: a.Name, Total: len(s.Lanes)})
		}
	}
}

func (l *Lessons) silence(s *Scene) {
	for _, lane := range s.Lanes {
		if lane.Silent > 0 && lane.Owner >= 0 && s.Members[lane.Owner].Instance == 0 && !s.Moving {
			l.add(Sentence{Kind: Silent, Who: s.Members[lane.Owner].Name, Partitions: []int32{lane.Partition}, Took: lane.Silent})
			return
		}
	}
}

// reading explains what shows once two lanes have been read for a while.
func (l *Lessons) reading(s *Scene) {
	reading := 0
	for _, lane := range s.Lanes {
		if lane.Owner >= 0 && s.Members[lane.Owner].Instance > 0 && lane.PerSecond > 0 {
			reading++
		}
	}
	if reading < 2 {
		l.since = s.Now
		return
	}

	span := s.Now.Sub(l.since)
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

// apart explains that members split the records, once two have read side by side for a while.
func (l *Lessons) apart(s *Scene) {
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

// Explain explains what a key did.
func (l *Lessons) Explain(s Sentence) { l.add(s) }
