package observe

import (
	"context"
	"errors"
	"fmt"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Refusals that the instructor's page words.
var (
	ErrGroupBusy     = errors.New("the group has members: stop them first")
	ErrUnknownMember = errors.New("the group has no such member")
)

// SetOffsets puts an empty group's commits on the lesson's topic to "latest" or "earliest". A group
// with members is refused with ErrGroupBusy: its members would go on where they are.
func (o *Observer) SetOffsets(ctx context.Context, group, to string) error {
	topic := o.cfg.Topic()
	adm := kadm.NewClient(o.client)
	f, err := o.look(ctx, group)
	if err != nil {
		return err
	}
	if len(f.members) > 0 {
		return fmt.Errorf("set the offsets of %s: %w", group, ErrGroupBusy)
	}
	var listed kadm.ListedOffsets
	switch to {
	case "latest":
		listed, err = adm.ListEndOffsets(ctx, topic)
	case "earliest":
		listed, err = adm.ListStartOffsets(ctx, topic)
	default:
		return fmt.Errorf("offsets of %s to %q: use latest or earliest", group, to)
	}
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return fmt.Errorf("set the offsets of %s: list offsets of %s: %w", group, topic, err)
	}
	committed, err := adm.CommitOffsets(ctx, group, listed.Offsets())
	if err == nil {
		err = committed.Error()
	}
	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.StaleMemberEpoch) { // one joined meanwhile
		err = ErrGroupBusy
	}
	if err != nil {
		return fmt.Errorf("set the offsets of %s: %w", group, err)
	}
	return nil
}

// RemoveMember puts a member out of a group, as if it had left; one that is alive joins again. The id
// is the one that is shown.
func (o *Observer) RemoveMember(ctx context.Context, group, memberID string) error {
	f, err := o.look(ctx, group)
	if err != nil {
		return err
	}
	member, known := f.members[memberID]
	if !known {
		return fmt.Errorf("remove member %s of %s: %w", memberID, group, ErrUnknownMember)
	}
	if f.consumer {
		err = o.leaveConsumer(ctx, group, member)
	} else {
		err = o.leaveClassic(ctx, group, member)
	}
	if errors.Is(err, kerr.UnknownMemberID) {
		err = ErrUnknownMember
	}
	if err != nil {
		return fmt.Errorf("remove member %s of %s: %w", memberID, group, err)
	}
	return nil
}

// leaveClassic names a static member by its instance as well, as Kafka's own tool does.
func (o *Observer) leaveClassic(ctx context.Context, group string, who memberKey) error {
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = group, who.id
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID, member.InstanceID = who.id, who.instance
	member.Reason = kmsg.StringPtr("removed by the instructor")
	req.Members = append(req.Members, member)
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	for _, m := range resp.Members {
		if err := kerr.ErrorForCode(m.ErrorCode); err != nil {
			return err
		}
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// leaveConsumer sends the heartbeat with which a member of the new protocol leaves for good: epoch -1, for
// a static member too.
func (o *Observer) leaveConsumer(ctx context.Context, group string, who memberKey) error {
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group, req.MemberID, req.InstanceID, req.MemberEpoch = group, who.id, who.instance, -1
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

type membership struct {
	consumer bool
	members  map[string]memberKey // by what their ids are shown as
}

// A memberKey is how Kafka knows a member.
type memberKey struct {
	id       string
	instance *string // of a static member
}

// look asks who is in one group, on both protocols.
func (o *Observer) look(ctx context.Context, group string) (membership, error) {
	out := membership{members: map[string]memberKey{}}
	newer := kmsg.NewPtrConsumerGroupDescribeRequest()
	newer.Groups = []string{group}
	if resp, err := newer.RequestWith(ctx, o.alone); err == nil && len(resp.Groups) == 1 && resp.Groups[0].ErrorCode == 0 {
		out.consumer = true
		for _, m := range resp.Groups[0].Members {
			out.members[workshop.ShownID(m.MemberID)] = memberKey{m.MemberID, m.InstanceID}
		}
		return out, nil
	}
	older := kmsg.NewPtrDescribeGroupsRequest()
	older.Groups = []string{group}
	resp, err := older.RequestWith(ctx, o.alone)
	if err == nil && len(resp.Groups) != 1 {
		err = errors.New("no answer")
	}
	if err == nil {
		err = refused(resp.Groups[0].ErrorCode)
	}
	if err != nil {
		return out, fmt.Errorf("look who is in %s: %w", group, err)
	}
	for _, m := range resp.Groups[0].Members {
		out.members[workshop.ShownID(m.MemberID)] = memberKey{m.MemberID, m.InstanceID}
	}
	return out, nil
}
