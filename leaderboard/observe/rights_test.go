package observe

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func allow(kind kmsg.ACLResourceType, name string, op kmsg.ACLOperation) kfake.ACL {
	return kfake.ACL{Resource: kind, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
}

func TestAGroupWithoutRightsIsMarkedAlone(t *testing.T) {
	// given an observer that may describe the groups of teams 1 and 3, but not of team 2
	c, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.SeedTopics(5, "new_users"), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser("SCRAM-SHA-256", "admin", "admin"),
		kfake.User("SCRAM-SHA-256", "board", "secret",
			allow(kmsg.ACLResourceTypeTopic, "new_users", kmsg.ACLOperationDescribe),
			allow(kmsg.ACLResourceTypeGroup, "team-1", kmsg.ACLOperationDescribe),
			allow(kmsg.ACLResourceTypeGroup, "team-3", kmsg.ACLOperationDescribe),
		))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	login := kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256", Username: "admin", Password: "admin"}
	opts, err := login.Opts("member", nil)
	if err != nil {
		t.Fatal(err)
	}
	member, err := kgo.NewClient(append(opts, kgo.ConsumerGroup("team-1"), kgo.ConsumeTopics("new_users"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(member.Close)

	login.Username, login.Password = "board", "secret"
	o := observer(t, login, 3)
	s := newSweeper(o)
	deadline := time.Now().Add(patience)
	got := s.sweep(t.Context(), time.Now())
	for ; time.Now().Before(deadline) && (got.Err != "" || got.Groups[0].State != "Stable"); got = s.sweep(t.Context(), time.Now()) {
		if got.Err != "" {
			t.Fatal(got.Err)
		}
	}
	if g := got.Groups[0]; g.Err != "" || g.State != "Stable" || sum(owned(g)) != 5 {
		t.Errorf("team 1: %+v", g)
	}
	if g := got.Groups[1]; !strings.Contains(g.Err, "GROUP_AUTHORIZATION_FAILED") || g.CommitErr == "" {
		t.Errorf("team 2: %+v", g)
	}
	if g := got.Groups[2]; g.Err != "" || g.State != "NotJoined" {
		t.Errorf("team 3: %+v", g)
	}
	if len(got.Topic.End) != 5 || got.Topic.Err != "" {
		t.Errorf("topic: %+v", got.Topic)
	}
}

func TestATopicThatMayNotBeSeenIsAnErrorOfTheTopic(t *testing.T) {
	c, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.SeedTopics(5, "new_users"), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.User("SCRAM-SHA-256", "board", "secret", allow(kmsg.ACLResourceTypeGroup, "team-1", kmsg.ACLOperationDescribe)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	o := observer(t, kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256", Username: "board", Password: "secret"}, 1)
	got := newSweeper(o).sweep(t.Context(), time.Now())
	if got.Err != "" || !strings.Contains(got.Topic.Err, "AUTHORIZATION") || got.Groups[0].Err != "" || got.Groups[0].CommitErr == "" {
		t.Errorf("sweep: %+v", got)
	}
	if made, err := o.EnsureTopics(t.Context()); err == nil || len(made) != 0 {
		t.Errorf("EnsureTopics without rights: made %v, error %v", made, err)
	}
}
