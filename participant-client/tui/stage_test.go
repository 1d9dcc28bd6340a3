package tui

import (
	"context"
	"fmt"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// A stage is Members that show one snapshot and record what keys ask for.
type stage struct {
	member.Snapshot
	asked []string
}

func (s *stage) note(format string, args ...any) error {
	s.asked = append(s.asked, fmt.Sprintf(format, args...))
	return nil
}
func (s *stage) Start() (int, error)        { return 2, s.note("start") }
func (s *stage) Stop(i int) error           { return s.note("stop %d", i) }
func (s *stage) Crash(i int) error          { return s.note("crash %d", i) }
func (s *stage) Pause(i int, on bool) error { return s.note("pause %d %v", i, on) }
func (s *stage) Slow(i int, d time.Duration) error {
	return s.note("slow %d %s", i, d)
}
func (s *stage) Commit(_ context.Context, i int) error { return s.note("commit %d", i) }
func (s *stage) Rewind(_ context.Context, i int, to string) error {
	return s.note("rewind %d %s", i, to)
}

// membersOf adapts a stage: its embedded snapshot has the method's name.
type membersOf struct{ *stage }

func (c membersOf) Snapshot() member.Snapshot { return c.stage.Snapshot }

// lanes returns a group's lanes: owner ids by partition, all at the same offsets.
func lanes(committed, end int64, owners ...string) []member.Lane {
	out := make([]member.Lane, len(owners))
	for i, o := range owners {
		out[i] = member.Lane{Partition: int32(i), Owner: o, Committed: committed + int64(i), End: end + int64(2*i)}
	}
	return out
}

// ours returns a member of this process that owns partitions and reads next from next.
func ours(instance int, state member.State, committed, next int64, partitions ...int32) member.Status {
	s := member.Status{Instance: instance, ClientID: fmt.Sprintf("team-7-anna-%d", instance), MemberID: fmt.Sprintf("m%d", instance), State: state, Records: next}
	for _, p := range partitions {
		s.Partitions = append(s.Partitions, member.Position{Partition: p, Committed: committed + int64(p), Next: next + int64(p)})
		s.Last = append(s.Last, member.Record{Partition: p, Offset: next + int64(p) - 1, Key: "-", Value: `{"email":"ada@hotmail.com","name":"Ada Lovelace","credit":7}`, At: nine})
	}
	return s
}

func inGroup(id, client, host string, partitions ...int32) group.Member {
	return group.Member{ID: id, ClientID: client, Host: host, Topics: []string{"new_users"}, Assigned: group.Assignment{"new_users": partitions}}
}

func inState(state string, members []group.Member, lanes []member.Lane) member.GroupView {
	out := member.GroupView{
		Group: group.Group{Name: "team-7", State: state, Members: members, Offsets: map[group.Partition]group.Offsets{}},
		At:    nine, Began: nine, Topic: "new_users", Lanes: lanes,
	}
	for _, l := range lanes {
		out.Offsets[group.Partition{Topic: "new_users", ID: l.Partition}] = group.Offsets{Committed: l.Committed, Start: l.Start, End: l.End}
	}
	return out
}

func stable(members []group.Member, lanes []member.Lane) member.GroupView {
	out := inState(group.Stable, members, lanes)
	out.Protocol, out.Assignor = group.Classic, "range"
	return out
}
