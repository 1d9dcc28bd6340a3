package embedded

import (
	"errors"
	"net"
	"strings"
	"testing"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/interop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A frame that the broker cannot handle ends its connection only. The library would end the process, or allocate the memory.
func TestABadFrameEndsItsConnectionAlone(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	adm := newTopic(t, b, 1)
	for name, frame := range map[string][]byte{
		"an unknown key":          {0, 0, 0, 10, 0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0, 0},
		"a key below 0":           {0, 0, 0, 10, 0xff, 0xfe, 0, 0, 0, 0, 0, 1, 0, 0},
		"a version below 0":       {0, 0, 0, 10, 0, 3, 0xff, 0xff, 0, 0, 0, 1, 0, 0},
		"too long":                {0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0},
		"a length below 0":        {0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0},
		"too short":               {0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 1},
		"HTTP":                    []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"a broken OffsetFetch":    {0, 0, 0, 12, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0x7f, 0xff},
		"a broken JoinGroup":      {0, 0, 0, 12, 0, 11, 0, 1, 0, 0, 0, 1, 0, 0, 0x7f, 0xff},
		"withheld":                {0, 0, 0, 10, 0, 75, 0, 0, 0, 0, 0, 1, 0, 0},
		"a client id without end": {0, 0, 0, 10, 0, 9, 0, 1, 0, 0, 0, 1, 0x7f, 0xff},
		"a request far too new":   {0, 0, 0, 11, 0, 3, 0x7f, 0xff, 0, 0, 0, 1, 0xff, 0xff, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, b.Addr())
			if _, err := c.Write(frame); err != nil {
				t.Fatal(err)
			}
			var timeout net.Error
			if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil || errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("%d bytes, %v, want the connection's end", n, err)
			}
		})
	}
	if _, err := adm.ListTopics(t.Context()); err != nil {
		t.Errorf("the broker: %v", err)
	}
}

// Kafka's own tools work with the broker as with Kafka.
func TestKafkasOwnTools(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	adm := newTopic(t, b, 4)
	if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "others"); err != nil {
		t.Fatal(err)
	}
	read(t, b, 4)
	for _, opts := range [][]kgo.Opt{{kgo.ConsumerGroup("classic")}, {kgo.ConsumerGroup("new"), kgo.ServerSideBalancer()}} {
		c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics(topic), kgo.Balancers(kgo.RangeBalancer())}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		c.PollFetches(t.Context()) // returns once it has partitions, and their records
	}

	const groups = "consumer.group.ConsumerGroupCommand"
	for name, c := range map[string]struct {
		class string
		args  []string
		want  []string // in its output
	}{
		"topics":            {"TopicCommand", []string{"--describe", "--topic", topic}, []string{"PartitionCount: 2", "Leader: 0"}},
		"all topics":        {"TopicCommand", []string{"--list"}, []string{topic}},
		"groups":            {groups, []string{"--list"}, []string{group, "classic", "new"}},
		"an empty group":    {groups, []string{"--describe", "--group", group}, []string{topic, "CURRENT-OFFSET"}},
		"a classic group":   {groups, []string{"--describe", "--group", "classic"}, []string{topic, "/127.0.0.1"}},
		"a new group":       {groups, []string{"--describe", "--group", "new"}, []string{topic, "/127.0.0.1"}},
		"classic members":   {groups, []string{"--describe", "--members", "--verbose", "--group", "classic"}, []string{topic, "/127.0.0.1"}},
		"new members":       {groups, []string{"--describe", "--members", "--verbose", "--group", "new"}, []string{topic, "/127.0.0.1"}},
		"a classic state":   {groups, []string{"--describe", "--state", "--group", "classic"}, []string{"Stable", "range"}},
		"a new state":       {groups, []string{"--describe", "--state", "--group", "new"}, []string{"Stable"}},
		"an offset's reset": {groups, []string{"--reset-offsets", "--to-earliest", "--execute", "--topic", topic, "--group", "another"}, []string{topic, "0"}},
		"a dry run":         {groups, []string{"--reset-offsets", "--to-latest", "--dry-run", "--topic", topic, "--group", group}, []string{topic}},
		"a producer":        {"ProducerPerformance", []string{"--topic", "others", "--num-records", "10", "--record-size", "10", "--throughput", "-1"}, []string{"10 records sent"}},
		"a consumer":        {"consumer.ConsoleConsumer", []string{"--topic", topic, "--from-beginning", "--max-messages", "4"}, []string{"{}"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := interop.KafkaTool(t, kafka.Config{Brokers: []string{b.Addr()}}, c.class, c.args...)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("%s %v prints no %q:\n%s", c.class, c.args, want, out)
				}
			}
		})
	}
}
