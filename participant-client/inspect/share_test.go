package inspect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
)

// sharer joins a share group until the test ends, and accepts what it gets.
func sharer(t *testing.T, c *kafkatest.Cluster, id, name, topic string) *kgo.Client {
	t.Helper()
	client := c.Client(t, kgo.ShareGroup(name), kgo.ConsumeTopics(topic), kgo.ClientID(id))
	pollUntilTheEnd(t, client)
	return client
}

// kafka-share-groups --describe agrees with describe about a group, column by column, while it has members and after.
func TestKafkasOwnToolAgreesOnAShareGroup(t *testing.T) {
	c := kafkatest.New(t)
	topic, name := c.Namespace.Name("t"), c.Namespace.Name("crew")
	c.CreateTopic(t, topic, 2, nil)
	c.ConfigureGroup(t, name, workshop.ShareConfigs())
	produce(t, c, topic, "a", "b", "c", "d", "e")
	admin := c.Client(t)
	var members []*kgo.Client
	for _, id := range []string{"one", "two", "three"} {
		members = append(members, sharer(t, c, id, name, topic))
	}

	find := func(size int) (g *group.Group) {
		wait.For(t, fmt.Sprintf("a settled group of %d", size), func() (err error) {
			if g, err = group.FindShare(soon(t), admin, name); err != nil {
				return err
			}
			shared := 0
			for _, r := range ShareRows(g) {
				shared += len(r.Members)
				if r.Lag != 0 {
					return fmt.Errorf("%+v", r)
				}
			}
			if len(g.Members) != size || shared < size {
				return fmt.Errorf("%+v", g)
			}
			return nil
		})
		return g
	}
	for _, size := range []int{3, 0} {
		g := find(size)
		agree := func(view string, ours table, columns int, flags ...string) {
			t.Helper()
			args := append([]string{"--describe", "--group", name}, flags...)
			theirs := interop.KafkaTool(t, c.Config, "consumer.group.ShareGroupCommand", args...)
			var said []string
			for _, l := range sorted(ours.String(), "GROUP", name) {
				said = append(said, strings.Join(strings.Fields(l)[:columns], " "))
			}
			var want []string
			for _, l := range sorted(theirs, "GROUP", name) {
				want = append(want, strings.Join(strings.Fields(l)[:columns], " "))
			}
			if len(want) == 0 || strings.Join(said, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s says\n%s\nand Kafka's tool\n%s", view, strings.Join(said, "\n"), theirs)
			}
		}
		s, err := state(soon(t), admin, g)
		if err != nil {
			t.Fatal(err)
		}
		agree("describe", shareTable(ShareRows(g)), 5)
		agree("describe --state", shareStateTable(s), 5, "--state")
		if size > 0 {
			agree("describe --members", memberTable(Members(g)), 5, "--members")
		}
		for _, m := range members {
			m.LeaveGroup()
		}
		members = nil
	}
}

// Each command that needs share groups reports a cluster without them in one line.
func TestNoShareGroups(t *testing.T) {
	old, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "jobs"), kfake.MaxVersions(kversion.V3_9_0()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	c := &kafkatest.Cluster{Config: kafka.Config{Brokers: old.ListenAddrs()}}
	for _, watch := range []time.Duration{0, time.Second} {
		var out, said strings.Builder
		err := Describe{Group: "crew-1", Share: true, Watch: watch}.Run(soon(t), c.Client(t), &out, &said)
		if err == nil || !strings.HasPrefix(err.Error(), "This cluster has no share groups") || out.Len()+said.Len() > 0 {
			t.Errorf("describe says %v, %s%s", err, out.String(), said.String())
		}
	}

	var out strings.Builder
	check := Check{Kafka: c.Config, Group: "crew-1", Topic: "jobs", Share: true}
	if err := check.Run(soon(t), &out); err == nil || !strings.Contains(out.String(), "FAIL  group         crew-1  This cluster has no share groups") {
		t.Errorf("check says %v:\n%s", err, out.String())
	}
	check.Share = false
	out.Reset()
	if err := check.Run(soon(t), &out); err != nil {
		t.Errorf("check of a consumer group says %v:\n%s", err, out.String())
	}
	if err := (Describe{Group: "crew-1"}).Run(soon(t), c.Client(t), &out, &out); !errors.Is(err, group.ErrNotFound) {
		t.Errorf("describe of a consumer group says %v", err)
	}
}

// A partition that was never acknowledged is shown with its values unknown.
func TestShareRows(t *testing.T) {
	p := func(id int32) group.Partition { return group.Partition{Topic: "jobs", ID: id} }
	g := &group.Group{
		Name: "crew-1", Protocol: group.Share,
		Members: []group.Member{
			{ID: "a", ClientID: "two", Assigned: group.Assignment{"jobs": {0, 1}}}, {ID: "b", ClientID: "one\x1b[2J", Assigned: group.Assignment{"jobs": {0}}},
		},
		Shares: map[group.Partition]group.SharePartition{p(0): {Start: 40, Lag: 3}, p(2): {Start: 7, Lag: -1}},
	}
	got := shareTable(ShareRows(g)).String()
	want := "\n" +
		"GROUP           TOPIC           PARTITION  START-OFFSET  LAG        SHARED-BY\n" +
		"crew-1          jobs            0          40            3          one�[2J, two\n" +
		"crew-1          jobs            1          -             -          two\n" +
		"crew-1          jobs            2          7             -          -\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
