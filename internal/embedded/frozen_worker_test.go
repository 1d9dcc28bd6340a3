package embedded

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// frozenWorker acquires a record by hand and then sends nothing more, over a connection that stays open. The lock lasts
// for an hour, but another worker gets the record: the library releases it when the member's session ends.
func frozenWorker(t *testing.T, b *Broker, client *kgo.Client, adm *kadm.Client) {
	configure(t, client, kmsg.ConfigResourceTypeBroker, "", "group.share.record.lock.duration.ms", "3600000")
	configure(t, client, kmsg.ConfigResourceTypeGroupConfig, "crew", "share.auto.offset.reset", "earliest")
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("job")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	topics, err := adm.ListTopics(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}

	const frozen = "EEEEEEEEEEEEEEEEEEEEEA"
	beat := kmsg.NewPtrShareGroupHeartbeatRequest()
	beat.GroupID, beat.MemberID, beat.SubscribedTopicNames = "crew", frozen, []string{topic}
	if joined, err := beat.RequestWith(t.Context(), client); err != nil || joined.ErrorCode != 0 {
		t.Fatal(err, kerr.ErrorForCode(joined.ErrorCode))
	}
	fetch := kmsg.NewPtrShareFetchRequest()
	fetch.GroupID, fetch.MemberID = kmsg.StringPtr("crew"), kmsg.StringPtr(frozen)
	fetch.MaxWaitMillis, fetch.MaxBytes, fetch.MaxRecords = 5000, 1<<20, 1
	asked := kmsg.ShareFetchRequestTopic{TopicID: topics[topic].ID}
	for p := range topics[topic].Partitions {
		asked.Partitions = append(asked.Partitions, kmsg.ShareFetchRequestTopicPartition{Partition: p})
	}
	fetch.Topics = append(fetch.Topics, asked)
	taken, err := fetch.RequestWith(t.Context(), client)
	if err != nil || taken.ErrorCode != 0 || len(taken.Topics) != 1 || len(taken.Topics[0].Partitions[0].AcquiredRecords) == 0 {
		t.Fatalf("%v, %+v", err, taken)
	}

	other, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ShareGroup("crew"), kgo.ConsumeTopics(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for again := false; !again; {
		fetches := other.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatal("nobody gets it")
		}
		fetches.EachRecord(func(r *kgo.Record) { again = again || r.DeliveryCount() == 2 })
	}
}

func configure(t *testing.T, client *kgo.Client, kind kmsg.ConfigResourceType, of, name, value string) {
	t.Helper()
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = name, &value
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kind, of
	resource.Configs = append(resource.Configs, config)
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = append(req.Resources, resource)
	answer, err := req.RequestWith(t.Context(), client)
	if err != nil || answer.Resources[0].ErrorCode != 0 {
		t.Fatalf("%v, %+v", err, answer)
	}
}
