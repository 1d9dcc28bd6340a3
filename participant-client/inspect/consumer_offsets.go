package inspect

import (
	"fmt"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// offsetsTopic is where Kafka stores what groups commit, and the groups themselves.
const offsetsTopic = "__consumer_offsets"

// Kinds of its records.
const (
	offsetCommit  = "offset_commit"
	groupMetadata = "group_metadata"
)

// newerKinds are the kinds of records that KIP-848 and KIP-932 added, by the version of their key. All keys begin with the
// group. The names are Kafka's own, from its CoordinatorRecordType.
var newerKinds = map[int16]string{
	3: "consumer_group_metadata", 4: "consumer_group_partition_metadata", 5: "consumer_group_member_metadata",
	6: "consumer_group_target_assignment_metadata", 7: "consumer_group_target_assignment_member",
	8: "consumer_group_current_member_assignment", 10: "share_group_member_metadata", 11: "share_group_metadata",
	12: "share_group_target_assignment_metadata", 13: "share_group_target_assignment_member",
	14: "share_group_current_member_assignment", 15: "share_group_state_partition_metadata", 16: "consumer_group_regular_expression",
}

// ofMembers are the kinds whose key continues with a member's ID.
var ofMembers = map[int16]bool{5: true, 7: true, 8: true, 10: true, 13: true, 14: true}

// An OffsetsRecord is one record of __consumer_offsets.
type OffsetsRecord struct {
	Event     string     `json:"event"`     // its kind
	Record    recordAt   `json:"record"`    // its place in the log
	Tombstone bool       `json:"tombstone"` // it deletes earlier records with the same key
	Group     string     `json:"group"`
	MemberID  string     `json:"member_id,omitempty"`
	Commit    *committed `json:"commit,omitempty"`
	Metadata  *metadata  `json:"metadata,omitempty"`

	Subscription *subscription `json:"subscription,omitempty"` // of a member of KIP-848
	Assignment   *assigned     `json:"assignment,omitempty"`   // of a member of KIP-848
}

// A recordAt is a record's place in the log.
type recordAt struct {
	Partition int32         `json:"partition"`
	Offset    int64         `json:"offset"`
	Timestamp workshop.Time `json:"timestamp"`
}

// A committed is what a group committed. For a tombstone only topic and partition are known.
type committed struct {
	Topic       string         `json:"topic"`
	Partition   int32          `json:"partition"`
	Offset      number         `json:"offset"`
	Metadata    string         `json:"metadata"`
	CommittedAt *workshop.Time `json:"committed_at"`
	ExpiresAt   *workshop.Time `json:"expires_at"` // written by brokers before 2.1 only, see KIP-211
}

// A metadata is a classic group as its coordinator last stored it.
type metadata struct {
	Generation int32          `json:"generation"`
	Assignor   string         `json:"assignor"`
	Leader     string         `json:"leader"`
	Members    []storedMember `json:"members"`
}

type storedMember struct {
	MemberID string           `json:"member_id"`
	ClientID string           `json:"client_id"`
	Host     host             `json:"host"`
	Assigned group.Assignment `json:"assigned"`
}

// decodeOffsetsRecord decodes a record of __consumer_offsets. Unknown kinds are named by their number.
//
// topicName names topics by ID, for the newer kinds.
func decodeOffsetsRecord(r *kgo.Record, topicName func([16]byte) string) (OffsetsRecord, error) {
	out := OffsetsRecord{Record: recordAt{r.Partition, r.Offset, workshop.At(r.Timestamp)}, Tombstone: r.Value == nil}
	key := kbin.Reader{Src: r.Key}
	kind := key.Int16()

	var err error
	switch kind {
	case 0, 1:
		out.Event = offsetCommit
		err = out.decodeCommit(r)
	case 2:
		out.Event = groupMetadata
		err = out.decodeMetadata(r)
	default:
		out.Event = newerKinds[kind]
		if out.Event == "" {
			out.Event = fmt.Sprintf("kind_%d", kind)
		}
		out.Group = key.String()
		if ofMembers[kind] {
			out.MemberID = workshop.ShownID(key.String())
		}
		if !key.Ok() {
			return out, kbin.ErrNotEnoughData
		}
		err = out.decodeNewer(kind, r.Value, topicName)
	}
	return out, err
}

func (out *OffsetsRecord) decodeCommit(r *kgo.Record) error {
	var key kmsg.OffsetCommitKey
	if err := key.ReadFrom(r.Key); err != nil {
		return err
	}
	out.Group = key.Group
	out.Commit = &committed{Topic: key.Topic, Partition: key.Partition, Offset: -1}
	if out.Tombstone {
		return nil
	}

	var value kmsg.OffsetCommitValue
	if err := value.ReadFrom(r.Value); err != nil {
		return err
	}
	out.Commit.Offset = number(value.Offset)
	out.Commit.Metadata = value.Metadata
	out.Commit.CommittedAt = moment(value.CommitTimestamp)
	if value.Version == 1 {
		out.Commit.ExpiresAt = moment(value.ExpireTimestamp)
	}
	return nil
}

// moment returns a time given in milliseconds, or nil for none.
func moment(milli int64) *workshop.Time {
	if milli < 0 {
		return nil
	}
	at := workshop.At(time.UnixMilli(milli))
	return &at
}

func (out *OffsetsRecord) decodeMetadata(r *kgo.Record) error {
	var key kmsg.GroupMetadataKey
	if err := key.ReadFrom(r.Key); err != nil {
		return err
	}
	out.Group = key.Group
	if out.Tombstone {
		return nil
	}

	var value kmsg.GroupMetadataValue
	if err := value.ReadFrom(r.Value); err != nil {
		return err
	}
	out.Metadata = &metadata{Generation: value.Generation, Members: []storedMember{}}
	if value.Protocol != nil {
		out.Metadata.Assignor = *value.Protocol
	}
	if value.Leader != nil {
		out.Metadata.Leader = workshop.ShownID(*value.Leader)
	}

	g, err := storedGroup(key.Group, value)
	if err != nil || g == nil {
		return err
	}
	for _, m := range g.Members {
		out.Metadata.Members = append(out.Metadata.Members, storedMember{m.ID, m.ClientID, host(m.Host), m.Assigned})
	}
	return nil
}

// storedGroup decodes the members as if a broker had described them, because their metadata has the same form. It
// returns nil for a group without members.
func storedGroup(name string, value kmsg.GroupMetadataValue) (*group.Group, error) {
	if len(value.Members) == 0 {
		return nil, nil
	}

	answer := kmsg.NewDescribeGroupsResponseGroup()
	answer.Group, answer.State = name, group.Stable
	for _, m := range value.Members {
		described := kmsg.NewDescribeGroupsResponseGroupMember()
		described.MemberID, described.InstanceID = m.MemberID, m.InstanceID
		described.ClientID, described.ClientHost = m.ClientID, m.ClientHost
		described.ProtocolMetadata, described.MemberAssignment = m.Subscription, m.Assignment
		answer.Members = append(answer.Members, described)
	}
	return group.Answers{Classic: &answer}.Decode(name, nil)
}
