package embedded

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// differences checks each difference from Kafka that the guide lists. If a check fails, the difference is gone, and its
// line in the guide's table must go, too.
var differences = map[string]func(*testing.T, *Broker, *kgo.Client, *kadm.Client){
	"login, TLS, rights": func(t *testing.T, b *Broker, _ *kgo.Client, _ *kadm.Client) {
		login := scram.Auth{User: "team-1", Pass: "secret"}.AsSha256Mechanism()
		c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.SASL(login))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Ping(t.Context()); err == nil {
			t.Error("somebody logged in")
		}
	},
	"brokers": func(t *testing.T, _ *Broker, _ *kgo.Client, adm *kadm.Client) {
		brokers, err := adm.ListBrokers(t.Context())
		if err != nil || len(brokers) != 1 {
			t.Errorf("%d brokers, %v", len(brokers), err)
		}
	},
	"a new group or topic": func(t *testing.T, _ *Broker, client *kgo.Client, adm *kadm.Client) {
		if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "just-made"); err != nil {
			t.Fatal(err)
		}
		if code := heartbeat(t, client, "just-made", "AAAAAAAAAAAAAAAAAAAAAA", "just-made"); code != 0 {
			t.Errorf("a new group: %v", kerr.ErrorForCode(code))
		}
	},
	"DescribeGroups of a KIP-848 group": func(t *testing.T, _ *Broker, client *kgo.Client, _ *kadm.Client) {
		if code := heartbeat(t, client, "new", "BBBBBBBBBBBBBBBBBBBBBA", topic); code != 0 {
			t.Fatal(kerr.ErrorForCode(code))
		}
		r := kmsg.NewPtrDescribeGroupsRequest()
		r.Groups = []string{"new"}
		answer, err := r.RequestWith(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if g := answer.Groups[0]; g.ErrorCode != 0 || g.State == "Dead" || len(g.Members) != 0 {
			t.Errorf("%+v", g)
		}
	},
	"a KIP-848 member joins classic ones": func(t *testing.T, b *Broker, client *kgo.Client, _ *kadm.Client) {
		f := newFake(t, b, 30*time.Second)
		f.must(f.join(t.Context()))
		f.must(1, f.sync(t.Context()))
		if code := heartbeat(t, client, group, "CCCCCCCCCCCCCCCCCCCCCA", topic); code != kerr.GroupIDNotFound.Code {
			t.Errorf("%v, want %v", kerr.ErrorForCode(code), kerr.GroupIDNotFound)
		}
	},
	"a classic member joins KIP-848 ones": func(t *testing.T, b *Broker, client *kgo.Client, _ *kadm.Client) {
		if code := heartbeat(t, client, group, "DDDDDDDDDDDDDDDDDDDDDA", topic); code != 0 {
			t.Fatal(kerr.ErrorForCode(code))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = newFake(t, b, 30*time.Second).join(ctx) // with any result
		r := kmsg.NewPtrConsumerGroupDescribeRequest()
		r.Groups = []string{group}
		answer, err := r.RequestWith(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(answer.Groups[0].Members); n != 1 {
			t.Errorf("%d members, want the first alone", n)
		}
	},
	"a topic's name with a space": func(t *testing.T, _ *Broker, _ *kgo.Client, adm *kadm.Client) {
		if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "new users"); err != nil {
			t.Error(err)
		}
	},
	"a null key on a compacted topic": func(t *testing.T, _ *Broker, client *kgo.Client, adm *kadm.Client) {
		if _, err := adm.CreateTopic(t.Context(), 1, 1, map[string]*string{"cleanup.policy": kmsg.StringPtr("compact")}, "compacted"); err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "compacted", Value: []byte("{}")}).FirstErr(); err != nil {
			t.Error(err)
		}
	},
	"records past their retention": func(t *testing.T, _ *Broker, client *kgo.Client, adm *kadm.Client) {
		config := map[string]*string{"retention.ms": kmsg.StringPtr("1")}
		if _, err := adm.CreateTopic(t.Context(), 1, 1, config, "short"); err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "short", Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		until(t, "the log's end at its start", func() (bool, bool) {
			starts, err := adm.ListStartOffsets(t.Context(), "short")
			at, _ := starts.Lookup("short", 0)
			return true, err == nil && at.Offset == 1
		})
	},
	"what a frozen worker of a share group holds": frozenWorker,
	"DescribeTopicPartitions": func(t *testing.T, _ *Broker, client *kgo.Client, _ *kadm.Client) {
		answer, err := kmsg.NewPtrApiVersionsRequest().RequestWith(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(answer.ApiKeys, func(k kmsg.ApiVersionsResponseApiKey) bool { return k.ApiKey == unsupported }) {
			t.Error("it is offered")
		}
	},
}

// heartbeat sends a member's first heartbeat by hand.
func heartbeat(t *testing.T, client *kgo.Client, group, id, topic string) (code int16) {
	t.Helper()
	beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	beat.Group, beat.MemberID, beat.RebalanceTimeoutMillis = group, id, 10_000
	beat.SubscribedTopicNames, beat.Topics = []string{topic}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	answer, err := beat.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return answer.ErrorCode
}

func TestWhatDiffersFromKafka(t *testing.T) {
	t.Parallel()
	for name, differs := range differences {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBroker(t)
			adm := newTopic(t, b, 1)
			client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(client.Close)
			differs(t, b, client, adm)
		})
	}
}

// The guide's table has exactly one line for each difference.
func TestTheGuideTellsTheDifferences(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| | embedded | Apache Kafka")
	table, _, _ = strings.Cut(table, "\n\n")
	var told, tested []string
	for _, line := range strings.Split(table, "\n")[2:] {
		told = append(told, strings.TrimSpace(strings.Split(line, "|")[1]))
	}
	for name := range differences {
		tested = append(tested, name)
	}
	slices.Sort(told)
	slices.Sort(tested)
	if !slices.Equal(told, tested) {
		t.Errorf("the guide tells\n%q\nand tested are\n%q", told, tested)
	}
}
