package kafkatest

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"kafka-workshop/internal/testing/lacks"
)

func TestBrokerKeepsRecordsOverARestart(t *testing.T) {
	c := New(t)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	c.CreateTopic(t, "new_users", 1, nil)
	p := c.Client(t)
	if err := p.ProduceSync(t.Context(), &kgo.Record{Topic: "new_users", Value: []byte("kept")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.Stop(t)
	c.Start(t)
	r := c.Client(t, kgo.ConsumeTopics("new_users"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	fetches := r.PollFetches(t.Context())
	if fetches.NumRecords() != 1 || string(fetches.Records()[0].Value) != "kept" {
		t.Fatalf("after the restart: %d records, %v", fetches.NumRecords(), fetches.Errors())
	}
}
