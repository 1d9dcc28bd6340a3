package embedded

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Sessions make the library's classic groups survive several crashes in a row, as Kafka's do. A member
// that waits for the answer to its JoinGroup is alive: the library would throw it out after its session
// timeout, without an answer. A member whose connection breaks while it waits gets its session timeout
// once the group has gone on: the library would keep it for ever, with the partitions that it was given.
type sessions struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	seen    chan any // *kmsg.JoinGroupRequest, or the member that was heard since
	waiting map[member]*join
}

type member struct{ group, id string }

// A join is that of a member which has not been heard since.
type join struct {
	timeout    time.Duration
	generation int32     // the group's when the join came
	answered   time.Time // zero while the member waits
}

func newSessions(cluster *kfake.Cluster, addr string) (*sessions, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ClientID("sessions"))
	if err != nil {
		return nil, err
	}
	s := &sessions{cluster: cluster, client: client, seen: make(chan any, 4096), waiting: map[member]*join{}}
	for _, key := range []kmsg.Key{kmsg.JoinGroup, kmsg.SyncGroup, kmsg.LeaveGroup} {
		cluster.ControlKey(int16(key), s.see)
	}
	return s, nil
}

// see passes on who was heard. It runs in the cluster's loop, so it must not wait.
func (s *sessions) see(request kmsg.Request) (kmsg.Response, error, bool) {
	tell := func(what any) {
		select {
		case s.seen <- what:
		default: // without it the library's own rule holds
		}
	}
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		tell(r)
	case *kmsg.SyncGroupRequest:
		tell(member{r.Group, r.MemberID})
	case *kmsg.LeaveGroupRequest:
		tell(member{r.Group, r.MemberID})
		for _, m := range r.Members {
			tell(member{r.Group, m.MemberID})
		}
	}
	return nil, nil, false
}

func (s *sessions) run(stop <-chan struct{}) {
	defer s.client.Close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case what := <-s.seen:
			switch w := what.(type) {
			case *kmsg.JoinGroupRequest:
				s.joined(w)
			case member:
				delete(s.waiting, w)
			}
		case <-tick.C:
			for m, j := range s.waiting {
				s.check(m, j)
			}
		}
	}
}

func (s *sessions) joined(r *kmsg.JoinGroupRequest) {
	if r.MemberID == "" {
		return // it comes again with the id that it gets
	}
	j := &join{timeout: time.Duration(r.SessionTimeoutMillis) * time.Millisecond}
	if info := s.cluster.GroupInfo(r.Group); info != nil {
		j.generation = info.Epoch
	}
	s.waiting[member{r.Group, r.MemberID}] = j
}

// check keeps a member that waits, and sees one off that has not been heard for its session timeout
// since it was answered.
func (s *sessions) check(m member, j *join) {
	info := s.cluster.GroupInfo(m.group)
	if info == nil || !slices.ContainsFunc(info.Members, func(g kfake.GroupMember) bool { return g.MemberID == m.id }) {
		delete(s.waiting, m)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	switch {
	case info.State == "PreparingRebalance" && info.Epoch == j.generation:
		beat := kmsg.NewPtrHeartbeatRequest()
		beat.Group, beat.MemberID, beat.Generation = m.group, m.id, info.Epoch
		_, _ = beat.RequestWith(ctx, s.client) // the next one is a second away
	case j.answered.IsZero():
		j.answered = time.Now()
	case time.Since(j.answered) >= j.timeout:
		leave := kmsg.NewPtrLeaveGroupRequest()
		gone := kmsg.NewLeaveGroupRequestMember()
		gone.MemberID = m.id
		leave.Group, leave.Members = m.group, append(leave.Members, gone)
		_, _ = leave.RequestWith(ctx, s.client) // tried again until the group does not have it any more
	}
}
