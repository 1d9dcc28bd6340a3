package inspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The tools that Apache Kafka ships agree about the same cluster: kafka-consumer-groups --describe has describe's rows,
// column by column, and kafka-console-consumer reads what tail does.
func TestKafkasOwnToolsAgree(t *testing.T) {
	for _, k := range kinds {
		t.Run("describe of a group that is "+k.kind, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.New(t)
			if !c.Real {
				lacks.Cluster(t, "the embedded broker does not serve Java's tool for groups")
			}
			topic, other, name := c.Namespace.Name("t"), c.Namespace.Name("other"), c.Namespace.Name("g")
			c.CreateTopic(t, topic, 2, nil)
			c.CreateTopic(t, other, 1, nil)
			produce(t, c, topic, "a", "b", "c", "d", "e")
			admin := c.Client(t)
			first := member(t, c, "one", name, topic, k.opts...)
			await(t, admin, name, func(g *group.Group) bool { return g.State == "Stable" && len(g.Members) == 1 })
			if err := commit(soon(t), first, topic, 0, 2); err != nil {
				t.Fatal(err)
			}
			if err := commit(soon(t), first, other, 0, 0); err != nil { // of a topic that nobody reads
				t.Fatal(err)
			}
			passed := kadm.Offsets{} // the log's start goes past the commit: the tool counts records that are gone
			passed.Add(kadm.Offset{Topic: topic, Partition: 0, At: 3})
			if _, err := kadm.NewClient(admin).DeleteRecords(soon(t), passed); err != nil {
				t.Fatal(err)
			}
			others := []*kgo.Client{member(t, c, "two", name, topic, k.opts...), member(t, c, "three", name, topic, k.opts...)}
			stable := await(t, admin, name, threeShareTwo)
			same(t, c, stable)
			for _, m := range append(others, first) {
				m.LeaveGroup()
			}
			same(t, c, await(t, admin, name, func(g *group.Group) bool { return len(g.Members) == 0 }))
		})
	}
	t.Run("tail", func(t *testing.T) {
		t.Parallel()
		c := kafkatest.New(t)
		topic := c.Namespace.Name("t")
		c.CreateTopic(t, topic, 2, nil)
		client := c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		for i, r := range []kgo.Record{{Value: []byte("a")}, {Key: []byte("k"), Value: []byte(`{"b": 1}`)}, {Key: []byte("gone")}, {Key: []byte{}, Value: []byte("é")}} {
			r.Topic, r.Partition = topic, int32(i%2)
			if err := client.ProduceSync(soon(t), &r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		out := interop.KafkaTool(t, c.Config, "consumer.ConsoleConsumer", "--topic", topic, "--from-beginning", "--max-messages", "4",
			"--formatter-property", "print.partition=true", "--formatter-property", "print.offset=true", "--formatter-property", "print.key=true",
			"--formatter-property", "key.separator=|")
		var theirs []string
		for line := range strings.Lines(out) { // Partition:1|Offset:0|k|{"b": 1}
			f := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 4)
			if len(f) != 4 {
				t.Fatalf("not a record: %q", line)
			}
			if f[2] == "null" { // no key
				f[2] = "-"
			}
			theirs = append(theirs, fmt.Sprintf("%s:%s:%s key=%s %s\n", topic, strings.TrimPrefix(f[0], "Partition:"), strings.TrimPrefix(f[1], "Offset:"), f[2], f[3]))
		}
		var said, says strings.Builder
		tail := Tail{Topic: topic, Start: earliest, MaxRecords: 4}
		if err := tail.Run(soon(t), c.Client(t, tail.Options()...), &said, &says); err != nil {
			t.Fatal(err)
		}
		if ours := slices.Collect(strings.Lines(said.String())); !slices.Equal(slices.Sorted(slices.Values(ours)), slices.Sorted(slices.Values(theirs))) {
			t.Errorf("tail prints\n%q\nand the console consumer\n%q", ours, theirs)
		}
	})
}

// same compares describe's rows of a group with those of Kafka's tool, in any order. We also have a row for each member
// without a partition; Kafka's tool lists those with --members only.
func same(t *testing.T, c *kafkatest.Cluster, g *group.Group) {
	t.Helper()
	theirs := interop.KafkaTool(t, c.Config, "consumer.group.ConsumerGroupCommand", "--describe", "--group", g.Name)
	var active, idle []string
	for _, line := range sorted(partitionTable(Rows(g)).String(), "GROUP", g.Name) {
		if f := strings.Fields(line); f[1] == "-" {
			idle = append(idle, strings.Join(f[6:], " "))
		} else {
			active = append(active, line)
		}
	}
	if want := sorted(theirs, "GROUP", g.Name); len(want) < 2 || !slices.Equal(active, want) {
		t.Errorf("describe says\n%s\nand Kafka's tool\n%s", strings.Join(active, "\n"), theirs)
	}
	if len(g.Members) == 0 {
		return
	}
	sameState(t, c, g)
	members := interop.KafkaTool(t, c.Config, "consumer.group.ConsumerGroupCommand", "--describe", "--members", "--group", g.Name)
	sameMembers(t, g, members)
	var want []string
	for _, line := range sorted(members, g.Name) { // GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS
		if f := strings.Fields(line); len(f) == 5 && f[4] == "0" {
			want = append(want, strings.Join(f[1:4], " "))
		}
	}
	if len(want) == 0 || !slices.Equal(idle, want) {
		t.Errorf("describe's idle members are\n%s\nand Kafka's tool says\n%s", strings.Join(idle, "\n"), members)
	}
}

// sameMembers compares describe --members with the output of Kafka's tool, except for the assignments, which the tool
// leaves out.
func sameMembers(t *testing.T, g *group.Group, theirs string) {
	t.Helper()
	var ours []string
	for _, line := range sorted(memberTable(Members(g)).String(), "GROUP", g.Name) {
		ours = append(ours, strings.Join(strings.Fields(line)[:5], " "))
	}
	if want := sorted(theirs, "GROUP", g.Name); !slices.Equal(ours, want) {
		t.Errorf("describe --members says\n%s\nand Kafka's tool\n%s", strings.Join(ours, "\n"), theirs)
	}
}

// sameState compares describe --state with Kafka's tool.
func sameState(t *testing.T, c *kafkatest.Cluster, g *group.Group) {
	t.Helper()
	s, err := state(soon(t), c.Client(t), g)
	if err != nil {
		t.Fatal(err)
	}
	theirs := interop.KafkaTool(t, c.Config, "consumer.group.ConsumerGroupCommand", "--describe", "--state", "--group", g.Name)
	ours, want := sorted(stateTable(s).String(), "GROUP", g.Name), sorted(theirs, "GROUP", g.Name)
	if !slices.Equal(ours, want) {
		t.Errorf("describe --state says\n%s\nand Kafka's tool\n%s", strings.Join(ours, "\n"), theirs)
	}
}

// sorted returns the lines that begin with one of the words, sorted and with single spaces.
func sorted(text string, begin ...string) (out []string) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 && slices.Contains(begin, f[0]) {
			out = append(out, strings.Join(f, " "))
		}
	}
	slices.Sort(out)
	return out
}
