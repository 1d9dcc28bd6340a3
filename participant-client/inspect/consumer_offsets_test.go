package inspect

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/schema"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func storedRecord(key, value []byte) *kgo.Record {
	return &kgo.Record{Topic: offsetsTopic, Partition: 12, Offset: 345, Timestamp: time.UnixMilli(1_700_000_000_000), Key: key, Value: value}
}

func commitKey() []byte {
	k := kmsg.OffsetCommitKey{Version: 1, Group: "team-7", Topic: "new_users", Partition: 3}
	return k.AppendTo(nil)
}

func commitValue(version int16) []byte {
	v := kmsg.OffsetCommitValue{Version: version, Offset: 142, Metadata: "note", CommitTimestamp: 1_700_000_000_000, ExpireTimestamp: 1_700_086_400_000}
	return v.AppendTo(nil)
}

func groupKey() []byte {
	k := kmsg.GroupMetadataKey{Version: 2, Group: "team-7"}
	return k.AppendTo(nil)
}

func groupValue() []byte {
	assigned := kmsg.ConsumerMemberAssignment{Topics: []kmsg.ConsumerMemberAssignmentTopic{{Topic: "new_users", Partitions: []int32{1, 0}}}}
	member := kmsg.NewGroupMetadataValueMember()
	member.MemberID, member.ClientID, member.ClientHost, member.Assignment = "team-7-laptop-1-7c0f", "team-7-laptop-1", "/10.0.0.7", assigned.AppendTo(nil)
	v := kmsg.GroupMetadataValue{Version: 3, ProtocolType: "consumer", Generation: 4, Protocol: kmsg.StringPtr("range"), Leader: &member.MemberID, Members: []kmsg.GroupMetadataValueMember{member}}
	return v.AppendTo(nil)
}

// memberKey is a key of the newer kinds: a version, the group, and for some the member.
var memberKey = []byte("\x00\x08\x00\x06team-7\x00\x03abc")

var (
	memberValue   = []byte("\x00\x00\x00\x00\x03me\x0a/10.0.0.7\x02\x0anew_users\x00\x00\x00\x00\x01\x00\x00")
	assignedValue = []byte("\x00\x00\x00\x00\x00\x03\x00\x00\x00\x02\x00\x02" + "0123456789abcdef" + "\x03\x00\x00\x00\x01\x00\x00\x00\x02\x00" + "\x01\x00")
)

func named([16]byte) string { return "new_users" }

func TestCommitsAreRecords(t *testing.T) {
	const place, at = "__consumer_offsets:12:345 ", "2023-11-14T22:13:20.000Z"
	for name, c := range map[string]struct {
		record *kgo.Record
		want   string
	}{
		"commit":           {storedRecord(commitKey(), commitValue(3)), "offset_commit group=team-7 topic=new_users partition=3 offset=142 metadata=note at=" + at + " expires=-"},
		"newest version":   {storedRecord(commitKey(), commitValue(4)), "offset_commit group=team-7 topic=new_users partition=3 offset=142 metadata=note at=" + at + " expires=-"},
		"that expires":     {storedRecord(commitKey(), commitValue(1)), "offset_commit group=team-7 topic=new_users partition=3 offset=142 metadata=note at=" + at + " expires=2023-11-15T22:13:20.000Z"},
		"deleted commit":   {storedRecord(commitKey(), nil), "offset_commit group=team-7 topic=new_users partition=3 tombstone"},
		"group":            {storedRecord(groupKey(), groupValue()), "group_metadata group=team-7 generation=4 assignor=range leader=team-7-laptop-1-7c0f members=1 [team-7-laptop-1-7c0f /10.0.0.7 new_users(0,1)]"},
		"deleted group":    {storedRecord(groupKey(), nil), "group_metadata group=team-7 tombstone"},
		"member (KIP-848)": {storedRecord([]byte("\x00\x05\x00\x06team-7\x00\x03abc"), memberValue), "consumer_group_member_metadata group=team-7 member=abc client=me host=/10.0.0.7 topics=new_users"},
		"what it owns":     {storedRecord(memberKey, assignedValue), "consumer_group_current_member_assignment group=team-7 member=abc epoch=3 assigned=new_users(1,2)"},
		"a cut one":        {storedRecord(memberKey, assignedValue[:20]), "consumer_group_current_member_assignment group=team-7 member=abc epoch=3 assigned=- cannot be decoded: "},
		"it is gone":       {storedRecord(memberKey, nil), "consumer_group_current_member_assignment group=team-7 member=abc tombstone"},
		"unknown kind":     {storedRecord([]byte("\x00\x63\x00\x01g"), []byte{0, 0}), "kind_99 group=g"},
		"cut key":          {storedRecord([]byte{0, 1, 0, 9}, nil), "offset_commit group=- tombstone cannot be decoded: "},
		"cut value":        {storedRecord(commitKey(), []byte{0, 3, 0}), "offset_commit group=team-7 topic=new_users partition=3 offset=- metadata=- at=- expires=- cannot be decoded: "},
		"no key":           {storedRecord(nil, nil), ""},
		"hostile group":    {storedRecord([]byte("\x00\x03\x00\x04g\x1b[2"), []byte{0}), "consumer_group_metadata group=g\ufffd[2"},
	} {
		line := string(appendOffsetsRecord(nil, c.record, named, false))
		if !strings.HasPrefix(line, place+c.want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%s:\n got %swant %s", name, line, place+c.want)
		}

		encoded := appendOffsetsRecord(nil, c.record, named, true)
		if err := schema.Open(t, "consumer-offsets").Check(encoded); err != nil {
			t.Errorf("%s: %s: %v", name, encoded, err)
		}
	}
}

func FuzzOffsetsRecord(f *testing.F) {
	f.Add(commitKey(), commitValue(3))
	f.Add(commitKey(), commitValue(4))
	f.Add(groupKey(), groupValue())
	f.Add(memberKey, assignedValue)
	f.Add([]byte("\x00\x05\x00\x06team-7\x00\x03abc"), memberValue)
	f.Fuzz(func(t *testing.T, key, value []byte) {
		line := appendOffsetsRecord(nil, storedRecord(key, value), named, false)
		if strings.Count(string(line), "\n") != 1 || strings.ContainsRune(string(line), '\x1b') {
			t.Errorf("%q", line)
		}
		if !json.Valid(appendOffsetsRecord(nil, storedRecord(key, value), named, true)) {
			t.Errorf("not JSON")
		}
	})
}

// On Apache Kafka, tail shows the commits and the members of a group of either protocol as they are written, and the
// group's end.
func TestTailDecodesWhatKafkaStores(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			c := kafkatest.New(t)
			if !c.Real {
				lacks.Cluster(t, "the embedded broker has no "+offsetsTopic)
			}
			topic, name := c.Namespace.Name("t"), c.Namespace.Name("g")
			c.CreateTopic(t, topic, 2, nil)
			admin := c.Client(t)
			first := member(t, c, "one", name, topic, k.opts...)
			stable := await(t, admin, name, func(g *group.Group) bool { return g.State == "Stable" && len(g.Members) == 1 })

			tail := Tail{Topic: offsetsTopic, Start: earliest}
			ctx, cancel := context.WithCancel(soon(t))
			defer cancel()
			out, notes := newLines(), newLines()
			ended := make(chan error, 1)
			go func() { ended <- tail.Run(ctx, c.Client(t, tail.Options()...), out, notes) }()

			if err := commit(soon(t), first, topic, 1, 42); err != nil {
				t.Fatal(err)
			}
			out.await(t, "offset_commit group="+name+" topic="+topic+" partition=1 offset=42 metadata=")
			id, host := stable.Members[0].ID, stable.Members[0].Host
			if k.kind == group.Classic {
				out.await(t, "["+id+" "+host+" "+topic+"(0,1)]")
			} else {
				out.await(t, "group="+name+" member="+id+" client=one host="+host+" topics="+topic+"\n")
				out.await(t, " assigned="+topic+"(0,1)\n")
			}

			first.LeaveGroup()
			await(t, admin, name, func(g *group.Group) bool { return len(g.Members) == 0 })
			if _, err := kadm.NewClient(admin).DeleteGroups(ctx, name); err != nil {
				t.Fatal(err)
			}
			out.await(t, "offset_commit group="+name+" topic="+topic+" partition=1 tombstone")
			out.await(t, "group="+name+" tombstone")
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTailSaysWhyItShowsNoCommits(t *testing.T) {
	missing, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer missing.Close()
	forbidden, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, offsetsTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer forbidden.Close()
	forbidden.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		forbidden.KeepControl()
		asked, ok := req.(*kmsg.MetadataRequest)
		resp, isResponse := req.ResponseKind().(*kmsg.MetadataResponse)
		if !ok || !isResponse || len(asked.Topics) == 0 {
			return nil, nil, false
		}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.ErrorCode = kmsg.StringPtr(offsetsTopic), 29
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})

	for want, cluster := range map[string]*kfake.Cluster{
		"this cluster has no topic __consumer_offsets: Apache Kafka creates it with the first group, and the embedded broker": missing,
		"you may not read __consumer_offsets, which holds the commits of all groups (TOPIC_AUTHORIZATION_FAILED): ask":        forbidden,
	} {
		tail := Tail{Topic: offsetsTopic, Start: earliest}
		client, err := kgo.NewClient(append(tail.Options(), kgo.SeedBrokers(cluster.ListenAddrs()...))...)
		if err != nil {
			t.Fatal(err)
		}
		out := newLines()
		if err := tail.Run(soon(t), client, out, out); err == nil || !strings.HasPrefix(err.Error(), want) || out.has("_") {
			t.Errorf("%v\nwant %s", err, want)
		}
		client.Close()
	}
}

// A team's user on Apache Kafka has no right to read the topic.
func TestATeamMayNotReadTheCommits(t *testing.T) {
	c := kafkatest.New(t)
	if c.Config.Username == "" {
		lacks.Cluster(t, "it has no logins")
	}
	user := c.Namespace.Name("team-7")
	admin := c.Admin(t)
	made, err := admin.AlterUserSCRAMs(soon(t), nil, []kadm.UpsertSCRAM{{User: user, Mechanism: kadm.ScramSha256, Iterations: 4096, Password: "secret"}})
	if err != nil || made.Error() != nil {
		t.Fatal(err, made.Error())
	}
	t.Cleanup(func() {
		_, _ = admin.AlterUserSCRAMs(context.Background(), []kadm.DeleteSCRAM{{User: user, Mechanism: kadm.ScramSha256}}, nil)
	})

	config := c.Config
	config.Username, config.Password = user, "secret"
	tail := Tail{Topic: offsetsTopic, Start: earliest}
	opts, err := config.Opts("test", nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(opts, tail.Options()...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	out := newLines()
	if err := tail.Run(soon(t), client, out, out); err == nil || !strings.HasPrefix(err.Error(), "you may not read __consumer_offsets") {
		t.Errorf("%v", err)
	}
}
