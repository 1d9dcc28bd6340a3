package control

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

func TestADeletedTopicIsMadeAnew(t *testing.T) {
	c := kafkatest.New(t)
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	_ = d.Set(rate(200))
	wait.Until(t, "records", func() bool { return d.View(time.Now()).Produced > 100 })
	was, err := topicMetadata(t.Context(), d.reader.client, d.topic)
	if err != nil {
		t.Fatal(err)
	}
	admin := c.Admin(t)
	if _, err := admin.DeleteTopics(t.Context(), d.topic); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "records in a new topic", func() bool {
		is, err := topicMetadata(t.Context(), d.reader.client, d.topic)
		if err != nil || is.TopicID == was.TopicID || len(is.Partitions) != 5 || d.Ready() != nil {
			return false
		}
		sum := int64(0)
		have, err := endsOf(t, admin, d.topic)
		for _, end := range have {
			sum += end
		}
		return err == nil && sum > 200 // after an error, some brokers do not know it yet
	})
	if note := d.View(time.Now()).Note; !strings.Contains(note, "Created the topic") {
		t.Errorf("the panel says %q", note)
	}
	if got := d.View(time.Now()).Rate; got != 200 {
		t.Errorf("it goes on at %v/s, want 200", got)
	}
}

func TestABrokerThatIsAwayAndBack(t *testing.T) {
	c := kafkatest.New(t)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	_ = d.Set(rate(1000))
	wait.Until(t, "records", func() bool { return d.View(time.Now()).Produced > 500 })
	c.Stop(t)
	wait.Until(t, "records that were dropped", func() bool {
		v := d.View(time.Now())
		return v.Dropped > 1000 && v.AwaySince != nil
	})
	if err := d.ready(time.Now().Add(away)); err == nil || !strings.Contains(err.Error(), "not answered") {
		t.Errorf("ready with a broker away for 10 s: %v", err)
	}
	c.Start(t)
	before := d.View(time.Now()).Produced
	wait.Until(t, "records again", func() bool { return d.View(time.Now()).Produced > before+1000 })
	if got := d.View(time.Now()).Rate; got != 1000 {
		t.Errorf("it goes on at %v/s, want 1000", got)
	}
}

// A batch that cannot be read, the last of workshop.control, does not prevent a takeover.
func TestABadBatchOnWorkshopControl(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Control()
	configs := map[string]*string{}
	for name, value := range topic.Configs {
		configs[name] = &value
	}
	c.CreateTopic(t, topic.Name, 1, configs)
	client := c.Client(t)
	load := controlRecord(topic.Name, workshop.ScaleUp.Name, workshop.ControlKeyLoad, workshop.Load{Rate: 77, Keys: "null", FixedKeys: 4, HotShare: 0.5})
	if err := client.ProduceSync(t.Context(), load).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := c.ProduceBatch(t, client, topic.Name, 0, kafkatest.Bomb(t, 100)); err != nil {
		t.Fatal(err)
	}

	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	if got := d.View(time.Now()).Rate; got != 77 {
		t.Errorf("the load that was set is %v/s, want 77", got)
	}
}
