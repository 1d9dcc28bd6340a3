package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kafka-workshop/internal/group"

	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Errors that the instructor's page explains.
var (
	ErrGroupBusy     = game.ErrGroupBusy
	ErrUnknownMember = game.ErrNoMember
)

// SetOffsets commits the "latest" or "earliest" offsets of the lesson's topic for an empty group. For a group with members it
// returns ErrGroupBusy, because they would continue from their own positions.
func (o *Observer) SetOffsets(ctx context.Context, name, to string) error {
	g, err := group.Describe(ctx, o.isolated, name)
	if err != nil {
		return fmt.Errorf("set the offsets: %w", err)
	}
	if len(g.Members) > 0 {
		return fmt.Errorf("set the offsets of %s: %w", name, ErrGroupBusy)
	}

	topic := o.cfg.Topic()
	admin := kadm.NewClient(o.client)
	var listed kadm.ListedOffsets
	switch to {
	case "latest":
		listed, err = admin.ListEndOffsets(ctx, topic)
	case "earliest":
		listed, err = admin.ListStartOffsets(ctx, topic)
	default:
		return fmt.Errorf("set the offsets of %s to %q: use latest or earliest", name, to)
	}
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return fmt.Errorf("set the offsets of %s: list offsets of %s: %w", name, topic, err)
	}

	committed, err := admin.CommitOffsets(ctx, name, listed.Offsets())
	if err == nil {
		err = committed.Error()
	}
	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.StaleMemberEpoch) { // a member joined meanwhile
		err = ErrGroupBusy
	}
	if err != nil {
		return fmt.Errorf("set the offsets of %s: %w", name, err)
	}
	return nil
}

// RemoveMember removes a member from a group as if it had left; a live member joins again. memberID is the ID that the board
// shows.
func (o *Observer) RemoveMember(ctx context.Context, name, memberID string) error {
	g, err := group.Describe(ctx, o.isolated, name)
	if err != nil {
		return fmt.Errorf("remove member %s: %w", memberID, err)
	}
	i := slices.IndexFunc(g.Members, func(m group.Member) bool { return m.ID == memberID })
	if i < 0 {
		return fmt.Errorf("remove member %s of %s: %w", memberID, name, ErrUnknownMember)
	}

	leave := o.leaveClassic
	if g.Protocol == group.Consumer {
		leave = o.leaveConsumer
	}
	err = leave(ctx, name, g.Members[i])
	if errors.Is(err, kerr.UnknownMemberID) {
		err = ErrUnknownMember
	}
	if err != nil {
		return fmt.Errorf("remove member %s of %s: %w", memberID, name, err)
	}
	return nil
}

// leaveClassic also names the instance of a static member, as Kafka's own tool does.
func (o *Observer) leaveClassic(ctx context.Context, name string, m group.Member) error {
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID = m.RawID
	member.InstanceID = m.RawInstance
	member.Reason = kmsg.StringPtr("removed by the instructor")
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = name
	req.MemberID = m.RawID
	req.Members = append(req.Members, member)
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}

	for _, left := range resp.Members {
		if err := kerr.ErrorForCode(left.ErrorCode); err != nil {
			return err
		}
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// leaveConsumer sends the heartbeat with which a KIP-848 member leaves permanently: epoch -1, even for a static member.
func (o *Observer) leaveConsumer(ctx context.Context, name string, m group.Member) error {
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group = name
	req.MemberID = m.RawID
	req.InstanceID = m.RawInstance
	req.MemberEpoch = -1
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}
