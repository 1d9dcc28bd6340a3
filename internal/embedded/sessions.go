package embedded

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Sessions let the library's classic groups survive several crashes in a row, as Kafka's do. A member
// that waits for the answer to its JoinGroup or SyncGroup is alive: the library would throw it out
// after its session timeout, without an answer. A member whose connection breaks while it waits gets
// its session timeout once the group has gone on: the library may keep it for ever, with the
// partitions that it was given. A static member of the new protocol that goes for a while (KIP-345) has its
// session timeout to come back: the library keeps its place for ever.
type sessions struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	heard   chan heard
	waiting map[member]*wait
	away    map[member]absence
}

// An absence is of a static member of the new protocol.
type absence struct {
	instance string
	since    time.Time
}

type member struct{ group, id string }

// A wait is for the answer to a member's JoinGroup or SyncGroup.
type wait struct {
	state      string // of the group, as long as there is no answer
	generation int32  // likewise
	session    time.Duration
	answered   time.Time // the JoinGroup; zero before
}

// A member was heard: it waits from now on, is away, or left.
type heard struct {
	member member
	wait   *wait
	away   *absence
}

const (
	joining = "PreparingRebalance"
	syncing = "CompletingRebalance"
)

func newSessions(cluster *kfake.Cluster, client *kgo.Client) *sessions {
	s := &sessions{cluster: cluster, client: client, heard: make(chan heard, 4096), waiting: map[member]*wait{}, away: map[member]absence{}}
	for _, key := range []kmsg.Key{kmsg.JoinGroup, kmsg.SyncGroup, kmsg.LeaveGroup, kmsg.ConsumerGroupHeartbeat} {
		cluster.ControlKey(int16(key), s.see)
	}
	return s
}

// see passes on what it needs of a request, for the library changes requests. It runs in the library's
// loop, so it must not wait.
func (s *sessions) see(request kmsg.Request) (kmsg.Response, error, bool) {
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		if r.MemberID != "" { // without an id, it comes again with the one that it gets
			s.tell(member{r.Group, r.MemberID}, &wait{state: joining, session: time.Duration(r.SessionTimeoutMillis) * time.Millisecond})
		}
	case *kmsg.SyncGroupRequest:
		s.tell(member{r.Group, r.MemberID}, &wait{state: syncing, generation: r.Generation})
	case *kmsg.LeaveGroupRequest:
		s.tell(member{r.Group, r.MemberID}, nil) // before version 3
		for _, m := range r.Members {
			s.tell(member{r.Group, m.MemberID}, nil)
		}
	case *kmsg.ConsumerGroupHeartbeatRequest:
		if r.MemberEpoch == goneForAWhile && r.InstanceID != nil {
			s.send(heard{member: member{r.Group, r.MemberID}, away: &absence{*r.InstanceID, time.Now()}})
		}
	}
	return nil, nil, false
}

func (s *sessions) tell(m member, w *wait) { s.send(heard{member: m, wait: w}) }

func (s *sessions) send(h heard) {
	select {
	case s.heard <- h:
	default: // without it the library's own rule holds
	}
}

func (s *sessions) run(stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case h := <-s.heard:
			s.note(h)
		case <-tick.C:
			for m, w := range s.waiting {
				s.check(m, w)
			}
			for m, a := range s.away {
				if time.Since(a.since) >= consumerSession {
					s.endAbsence(m, a)
				}
			}
		}
	}
}

func (s *sessions) note(h heard) {
	if h.away != nil {
		s.away[h.member] = *h.away
		return
	}
	if h.wait == nil {
		delete(s.waiting, h.member)
		return
	}
	if h.wait.state == joining {
		info := s.cluster.GroupInfo(h.member.group)
		if info == nil {
			return
		}
		h.wait.generation = info.Epoch
	}
	s.waiting[h.member] = h.wait
}

// What a static member of the new protocol says in its epoch as it goes.
const (
	goneForAWhile = -2
	goneForGood   = -1
)

// endAbsence sees a static member off that did not come back: then it would have another id.
func (s *sessions) endAbsence(m member, a absence) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	delete(s.away, m)
	describe := kmsg.NewPtrConsumerGroupDescribeRequest()
	describe.Groups = []string{m.group}
	answer, err := describe.RequestWith(ctx, s.client)
	if err != nil {
		s.away[m] = a // tried again
		return
	}

	away := func(g kmsg.ConsumerGroupDescribeResponseGroupMember) bool {
		return g.MemberID == m.id && g.MemberEpoch == goneForAWhile
	}
	if len(answer.Groups) == 1 && slices.ContainsFunc(answer.Groups[0].Members, away) {
		leave := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		leave.Group, leave.MemberID, leave.InstanceID, leave.MemberEpoch = m.group, m.id, &a.instance, goneForGood
		_, _ = leave.RequestWith(ctx, s.client) // a member that says it itself is refused nothing
	}
}

// check keeps a member that waits, and sees one off that was not heard for its session timeout after it
// had its answer.
func (s *sessions) check(m member, w *wait) {
	info := s.cluster.GroupInfo(m.group)
	if info == nil || !slices.ContainsFunc(info.Members, func(g kfake.GroupMember) bool { return g.MemberID == m.id }) {
		delete(s.waiting, m)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	switch {
	case info.State == w.state && info.Epoch == w.generation:
		beat := kmsg.NewPtrHeartbeatRequest()
		beat.Group, beat.MemberID, beat.Generation = m.group, m.id, w.generation
		_, _ = beat.RequestWith(ctx, s.client) // the next one is a second away
	case w.state == syncing:
		delete(s.waiting, m) // the library's session timeout runs
	case w.answered.IsZero():
		w.answered = time.Now()
	case time.Since(w.answered) >= w.session:
		leave := kmsg.NewPtrLeaveGroupRequest()
		gone := kmsg.NewLeaveGroupRequestMember()
		gone.MemberID = m.id
		leave.Group, leave.Members = m.group, append(leave.Members, gone)
		_, _ = leave.RequestWith(ctx, s.client) // tried again until the group does not have it any more
	}
}
