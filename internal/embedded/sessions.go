package embedded

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// sessions apply session timeouts as Kafka does, where the library differs, so that groups survive several crashes in a
// row. A member that waits for the response to its JoinGroup or SyncGroup is alive; the library would remove it after
// its session timeout, without a response. A member whose connection breaks while it waits is removed its session
// timeout after the group's rebalance; the library may keep it forever, with its partitions. A static member of
// the new protocol that leaves temporarily (KIP-345) is removed after its session timeout; the library keeps it
// forever.
type sessions struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	signals chan signal
	waiting map[member]*wait
	away    map[member]absence
}

// An absence is the temporary leave of a static member of the new protocol.
type absence struct {
	instance string
	since    time.Time
}

type member struct{ group, id string }

// A wait is a member's wait for the response to its JoinGroup or SyncGroup.
type wait struct {
	state      string // of the group, until there is a response
	generation int32  // likewise
	session    time.Duration
	answered   time.Time // when JoinGroup was answered; zero before
}

// A signal reports that a member has begun to wait, is away, or has left (neither).
type signal struct {
	member member
	wait   *wait
	away   *absence
}

const (
	joining = "PreparingRebalance"
	syncing = "CompletingRebalance"
)

func newSessions(cluster *kfake.Cluster, client *kgo.Client) *sessions {
	s := &sessions{cluster: cluster, client: client, signals: make(chan signal, 4096), waiting: map[member]*wait{}, away: map[member]absence{}}
	for _, key := range []kmsg.Key{kmsg.JoinGroup, kmsg.SyncGroup, kmsg.LeaveGroup, kmsg.ConsumerGroupHeartbeat} {
		cluster.ControlKey(int16(key), s.observe)
	}
	return s
}

// observe sends a signal for a request. It copies what is needed, because the library changes requests. It runs in the
// library's loop, so it must not block.
func (s *sessions) observe(request kmsg.Request) (kmsg.Response, error, bool) {
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		if r.MemberID != "" { // without an ID, the member tries again with the one that it gets
			s.signalWait(member{r.Group, r.MemberID}, &wait{state: joining, session: time.Duration(r.SessionTimeoutMillis) * time.Millisecond})
		}
	case *kmsg.SyncGroupRequest:
		s.signalWait(member{r.Group, r.MemberID}, &wait{state: syncing, generation: r.Generation})
	case *kmsg.LeaveGroupRequest:
		s.signalWait(member{r.Group, r.MemberID}, nil) // before version 3
		for _, m := range r.Members {
			s.signalWait(member{r.Group, m.MemberID}, nil)
		}
	case *kmsg.ConsumerGroupHeartbeatRequest:
		if r.MemberEpoch == leaveTemporarily && r.InstanceID != nil {
			s.send(signal{member: member{r.Group, r.MemberID}, away: &absence{*r.InstanceID, time.Now()}})
		}
	}
	return nil, nil, false
}

func (s *sessions) signalWait(m member, w *wait) { s.send(signal{member: m, wait: w}) }

func (s *sessions) send(h signal) {
	select {
	case s.signals <- h:
	default: // without it, the library's own rule applies
	}
}

func (s *sessions) run(stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case h := <-s.signals:
			s.handle(h)
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

func (s *sessions) handle(h signal) {
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

// Epochs in the last heartbeat of a static member of the new protocol.
const (
	leaveTemporarily = -2
	leaveForGood     = -1
)

// endAbsence removes a static member unless it came back, which gave it another ID.
func (s *sessions) endAbsence(m member, a absence) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	delete(s.away, m)
	describe := kmsg.NewPtrConsumerGroupDescribeRequest()
	describe.Groups = []string{m.group}
	answer, err := describe.RequestWith(ctx, s.client)
	if err != nil {
		s.away[m] = a // try again
		return
	}

	away := func(g kmsg.ConsumerGroupDescribeResponseGroupMember) bool {
		return g.MemberID == m.id && g.MemberEpoch == leaveTemporarily
	}
	if len(answer.Groups) == 1 && slices.ContainsFunc(answer.Groups[0].Members, away) {
		leave := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		leave.Group = m.group
		leave.MemberID = m.id
		leave.InstanceID = &a.instance
		leave.MemberEpoch = leaveForGood
		_, _ = leave.RequestWith(ctx, s.client) // never rejected for the member itself
	}
}

// check keeps a waiting member alive, and removes one that sent nothing for its session timeout after the response.
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
		beat.Group = m.group
		beat.MemberID = m.id
		beat.Generation = w.generation
		_, _ = beat.RequestWith(ctx, s.client) // the next one follows in a second
	case w.state == syncing:
		delete(s.waiting, m) // the library's session timeout applies now
	case w.answered.IsZero():
		w.answered = time.Now()
	case time.Since(w.answered) >= w.session:
		leave := kmsg.NewPtrLeaveGroupRequest()
		gone := kmsg.NewLeaveGroupRequestMember()
		gone.MemberID = m.id
		leave.Group = m.group
		leave.Members = append(leave.Members, gone)
		_, _ = leave.RequestWith(ctx, s.client) // repeated until the member is gone
	}
}
