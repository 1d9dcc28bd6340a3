package group

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func classicAnswer(state string, code int16, members int) *kmsg.DescribeGroupsResponseGroup {
	return &kmsg.DescribeGroupsResponseGroup{State: state, ErrorCode: code, Members: make([]kmsg.DescribeGroupsResponseGroupMember, members)}
}

func consumerAnswer(state string, code int16) *kmsg.ConsumerGroupDescribeResponseGroup {
	return &kmsg.ConsumerGroupDescribeResponseGroup{State: state, ErrorCode: code}
}

// Brokers of different versions describe groups of one protocol, of the other, and of neither.
func TestTheAnswersOfBothProtocolsMakeOneGroup(t *testing.T) {
	notFound, unsupported, refused := kerr.GroupIDNotFound.Code, kerr.UnsupportedVersion.Code, kerr.GroupAuthorizationFailed.Code
	tooOld := errors.New("broker is too old")
	for name, c := range map[string]struct {
		answers         Answers
		protocol, state string
		err             error
	}{
		"classic":                           {Answers{Classic: classicAnswer(Stable, 0, 1), Consumer: consumerAnswer("", notFound)}, Classic, Stable, nil},
		"classic, of an old broker":         {Answers{Classic: classicAnswer(Empty, 0, 0), ConsumerErr: tooOld}, Classic, Empty, nil},
		"classic with members, half known":  {Answers{Classic: classicAnswer(Stable, 0, 1), ConsumerErr: errors.New("hung up")}, Classic, Stable, nil},
		"consumer":                          {Answers{Classic: classicAnswer(Dead, 0, 0), Consumer: consumerAnswer(Reconciling, 0)}, Consumer, Reconciling, nil},
		"consumer, and DescribeGroups told": {Answers{Classic: classicAnswer(Stable, 0, 1), Consumer: consumerAnswer(Stable, 0)}, Consumer, Stable, nil},
		"consumer alone":                    {Answers{Consumer: consumerAnswer(Stable, 0)}, Consumer, Stable, nil},
		"none, from 4.0 on":                 {Answers{Classic: classicAnswer("", notFound, 0), Consumer: consumerAnswer("", notFound)}, "", NotJoined, nil},
		"none, before 4.0":                  {Answers{Classic: classicAnswer(Dead, 0, 0), Consumer: consumerAnswer("", unsupported)}, "", NotJoined, nil},
		"none, of an old broker":            {Answers{Classic: classicAnswer(Dead, 0, 0), ConsumerErr: tooOld}, "", NotJoined, nil},
		"no rights":                         {Answers{Classic: classicAnswer("", refused, 0), Consumer: consumerAnswer("", refused)}, "", "", kerr.GroupAuthorizationFailed},
		"no rights to the classic group":    {Answers{Classic: classicAnswer("", refused, 0), Consumer: consumerAnswer("", notFound)}, "", "", kerr.GroupAuthorizationFailed},
		"no rights, told once":              {Answers{Classic: classicAnswer(Dead, 0, 0), Consumer: consumerAnswer("", refused)}, "", "", kerr.GroupAuthorizationFailed},
		"no answer":                         {Answers{Consumer: consumerAnswer("", notFound)}, "", "", ErrNoAnswer},
		"no answer of one":                  {Answers{Classic: classicAnswer(Dead, 0, 0)}, "", "", ErrNoAnswer},
	} {
		g, err := c.answers.Decode("team-1", nil)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", name, err, c.err)
		}
		if err == nil && (g.Name != "team-1" || g.Protocol != c.protocol || g.State != c.state) {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

// A group's leader may assign anything, and brokers may name topics by ID only.
func TestAssignmentsHoldPossiblePartitionsOnce(t *testing.T) {
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic, topic.Partitions = "new_users", []int32{3, -1, 1 << 30, 3, maxPartitions, 0}
	owns := kmsg.NewConsumerMemberAssignment()
	owns.Topics = append(owns.Topics, topic, topic)
	classic, err := Answers{Classic: &kmsg.DescribeGroupsResponseGroup{State: Stable, Members: []kmsg.DescribeGroupsResponseGroupMember{
		{MemberID: "a", MemberAssignment: owns.AppendTo(nil)}, {MemberID: "b", MemberAssignment: []byte{0, 0, 0xff, 0xff}},
	}}}.Decode("team-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := classic.Members[0].Assigned.All(); !slices.Equal(got, []Partition{{"new_users", 0}, {"new_users", 3}}) {
		t.Errorf("the classic member owns %v", got)
	}
	if got := classic.Members[1].Assigned; len(got) > 0 {
		t.Errorf("garbage was decoded as %v", got)
	}

	id := [16]byte{7}
	assigned := kmsg.Assignment{TopicPartitions: []kmsg.AssignmentTopicPartition{
		{TopicID: id, Partitions: []int32{4, 1}}, {TopicID: [16]byte{8}, Partitions: []int32{0}}, {Topic: "orders", Partitions: []int32{2}},
	}}
	consumer, err := Answers{Consumer: &kmsg.ConsumerGroupDescribeResponseGroup{State: Stable, Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
		{MemberID: "a", Assignment: assigned},
	}}}.Decode("team-1", map[[16]byte]string{id: "new_users"})
	if err != nil {
		t.Fatal(err)
	}
	want := Assignment{"new_users": {1, 4}, "orders": {2}}
	if got := consumer.Members[0].Assigned; !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the KIP-848 member owns %v, want %v", got, want)
	}
}

func TestOversizedMetadataIsNotDecoded(t *testing.T) {
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{strings.Repeat("x", 30_000), "new_users"}
	if got := subscription(about.AppendTo(nil)); len(got) != 2 {
		t.Errorf("subscribed to %d topics", len(got))
	}
	about.Topics = append(about.Topics, strings.Repeat("x", 30_000), strings.Repeat("x", 30_000))
	if got := subscription(about.AppendTo(nil)); got != nil {
		t.Errorf("metadata of more than %d bytes was decoded", maxMetadata)
	}
}

func TestMembersAreInOrderEachOnce(t *testing.T) {
	instance := "one\n"
	g, err := Answers{Consumer: &kmsg.ConsumerGroupDescribeResponseGroup{State: Stable, Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{
		{MemberID: "b", ClientHost: "/127.0.0.1", InstanceID: &instance}, {MemberID: "a"}, {MemberID: "b"},
	}}}.Decode("team-1", nil)
	if err != nil || len(g.Members) != 2 || g.Members[0].ID != "a" || g.Members[1].ID != "b" {
		t.Fatalf("members %+v, error %v", g, err)
	}
	if m := g.Members[1]; m.RawInstance != &instance || strings.ContainsRune(m.Instance, '\n') || Address(m.Host) != "127.0.0.1" {
		t.Errorf("member %+v", m)
	}
}

func TestLagCountsRecordsThatExist(t *testing.T) {
	for _, c := range []struct {
		offsets Offsets
		want    int64
	}{
		{Offsets{Committed: 5, Start: 0, End: 20}, 15},
		{Offsets{Committed: 5, Start: 12, End: 20}, 8},
		{Offsets{Committed: 5, Start: -1, End: 20}, 15},
		{Offsets{Committed: -1, Start: 12, End: 20}, -1},
		{Offsets{Committed: 5, Start: 0, End: -1}, -1},
		{Offsets{Committed: 25, Start: 12, End: 20}, 0},
	} {
		if got := c.offsets.Lag(); got != c.want {
			t.Errorf("%+v: lag %d, want %d", c.offsets, got, c.want)
		}
	}
}

func TestRebalancing(t *testing.T) {
	for _, state := range []string{PreparingRebalance, CompletingRebalance, Assigning, Reconciling} {
		if !Rebalancing(state) {
			t.Errorf("%s is a rebalance", state)
		}
	}
	for _, state := range []string{Stable, Empty, Dead, NotJoined, ""} {
		if Rebalancing(state) {
			t.Errorf("%q is no rebalance", state)
		}
	}
}

func TestAGroupOnOneTopic(t *testing.T) {
	g := &Group{
		Name: "team-1", State: Stable,
		Members: []Member{{ID: "a", Assigned: Assignment{"new_users": {0, 1}, "orders": {0}}}, {ID: "b", Assigned: Assignment{"orders": {1}}}},
		Offsets: map[Partition]Offsets{{"new_users", 0}: {Committed: 1}, {"orders", 0}: {Committed: 2}},
	}
	on := g.On("new_users")
	if len(on.Members) != 2 || !slices.Equal(on.Members[0].Assigned.All(), []Partition{{"new_users", 0}, {"new_users", 1}}) || len(on.Members[1].Assigned) != 0 {
		t.Errorf("members %+v", on.Members)
	}
	if len(on.Offsets) != 1 || on.OffsetsOf(Partition{"new_users", 0}).Committed != 1 || on.OffsetsOf(Partition{"orders", 0}).Committed != -1 {
		t.Errorf("offsets %+v", on.Offsets)
	}
	if len(g.Members[0].Assigned) != 2 || len(g.Offsets) != 2 {
		t.Errorf("the group itself changed: %+v", g)
	}
}
