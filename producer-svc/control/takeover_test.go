package control

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// throwOut removes an instance's member from the group, as the broker does when heartbeats stop.
func throwOut(t *testing.T, c *kafkatest.Cluster, d *Controller) {
	t.Helper()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = d.lease.group
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID, _ = d.lease.client.GroupMetadata()
	req.Members = append(req.Members, member)
	if _, err := req.RequestWith(t.Context(), c.Client(t)); err != nil {
		t.Fatal(err)
	}
}

// An instance that lost the load stops producing, and later resumes the load as the instance in between left it.
func TestTheLoadComesBackAsAnotherOneLeftIt(t *testing.T) {
	c := kafkatest.New(t)
	first, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, first)
	if err := first.Set(rate(5)); err != nil {
		t.Fatal(err)
	}
	second, stop := start(t, c, workshop.ScaleUp, "two")
	wait.Until(t, "the second names the first", func() bool { return second.View(time.Now()).Holder == "one" })

	throwOut(t, c, first)
	wait.Until(t, "the second takes over", func() bool { return second.Ready() == nil })
	wait.Until(t, "the first stands by", func() bool { return first.Ready() != nil })
	if err := second.Set(rate(77)); err != nil {
		t.Fatal(err)
	}
	stop()
	holds(t, first)
	if got := first.View(time.Now()).Rate; got != 77 {
		t.Errorf("it goes on at %v/s, want 77 as it was set meanwhile", got)
	}
}

// A load that could not be saved while the broker was away is saved when it is back.
func TestALoadSetWithoutABrokerIsKeptLater(t *testing.T) {
	c := kafkatest.New(t)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	d, stop := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	c.Stop(t)
	if err := d.Set(rate(55)); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "that the broker is away", func() bool { return d.View(time.Now()).AwaySince != nil })
	wait.Until(t, "the lease's end", func() bool { return !d.lease.Held(time.Now()) })
	c.Start(t)
	before := d.View(time.Now()).Produced
	wait.Until(t, "records again", func() bool { return d.View(time.Now()).Produced > before+20 })
	wait.Until(t, "the load on the cluster", func() bool {
		k := d.reader.State()
		return k.load != nil && k.load.Rate == 55
	})
	stop()
}

// Records in flight when the service stops arrive: the next holder continues after them.
func TestWhatIsOnItsWayAtTheStopArrives(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	cfg := Config{
		Kafka: kafka.Config{Brokers: cluster.ListenAddrs()}, Room: workshop.Room{Lesson: workshop.ScaleUp}, Initial: workshop.ScaleUp.DefaultLoad(), Holder: "one",
		Log: slog.New(slog.DiscardHandler),
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	holds(t, d)
	if err := d.Set(rate(0)); err != nil {
		t.Fatal(err)
	}

	// given that the broker delays the responses to records
	held, release := make(chan struct{}, 100), make(chan struct{})
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		of := func(topic kmsg.ProduceRequestTopic) bool { return topic.Topic == d.topic }
		if produce := req.(*kmsg.ProduceRequest); slices.ContainsFunc(produce.Topics, of) || len(produce.Topics) > 0 && produce.Topics[0].Topic == "" {
			select {
			case held <- struct{}{}:
			default:
			}
			cluster.SleepControl(func() { <-release })
		}
		return nil, nil, false
	})
	before := d.View(time.Now()).Produced
	if err := d.Burst(burst(100)); err != nil {
		t.Fatal(err)
	}
	<-held

	// when the service stops, and the broker answers after that
	cancel()
	wait.Until(t, "the end of producing", func() bool { return d.Ready() != nil })
	close(release)
	<-done

	// then nothing is lost
	v := d.View(time.Now())
	if v.Errors != 0 || v.Produced == before {
		t.Errorf("%d errors, %d records arrived: %s", v.Errors, v.Produced-before, v.Error)
	}
}

// An assignment alone is no lease: it needs a response of the broker since then.
func TestALeaseBeginsWithAnAnswer(t *testing.T) {
	now := time.Now()
	l := &lease{wake: make(chan struct{}, 1)}
	l.setOwned(true)
	if l.Held(now) {
		t.Error("held before the broker was asked")
	}
	l.confirmed = now
	if !l.Held(now) {
		t.Error("not held after a good answer")
	}
	l.setOwned(false)
	l.confirmed = now
	if l.Held(now) {
		t.Error("held without the partition")
	}
	l.confirmed = now
	l.setOwned(true)
	if l.Held(now) {
		t.Error("held by an answer of before")
	}
}

// The other holder's name is shown while that holder reports, whatever its clock says.
func TestTheOthersNameIsShownForAWhile(t *testing.T) {
	now := time.Now()
	d := &Controller{reader: &reader{advanced: make(chan struct{})}}
	d.reader.state = controlState{status: workshop.LoadStatus{Holder: "two"}, seen: now.Add(-away)}
	if got := d.otherHolder(now); got != "two" {
		t.Errorf("%q after %v", got, away)
	}
	if got := d.otherHolder(now.Add(time.Second)); got != "" {
		t.Errorf("%q after more than %v", got, away)
	}
	if got := clampFuture(now.Add(time.Hour), now); !got.Equal(now) {
		t.Errorf("a record from the future is from %v", got)
	}
}

// A heartbeat that the broker rejects proves nothing.
func TestARefusedHeartbeatIsNoProof(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)

	l := &lease{client: client, group: "nobody's", wake: make(chan struct{}, 1), log: slog.New(slog.DiscardHandler)}
	l.setOwned(true)
	l.heartbeat(t.Context()) // the group does not know such a member
	if l.Held(time.Now()) {
		t.Error("held")
	}
}

// A deleted topic is noticed even while nothing is produced.
func TestADeletedTopicIsMadeAnewThoughNothingIsProduced(t *testing.T) {
	c := kafkatest.New(t)
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	if err := d.Set(rate(0)); err != nil {
		t.Fatal(err)
	}
	was, err := topicMetadata(t.Context(), d.reader.client, d.topic)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Admin(t).DeleteTopics(t.Context(), d.topic); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the new topic", func() bool {
		is, err := topicMetadata(t.Context(), d.reader.client, d.topic)
		return err == nil && is.TopicID != was.TopicID && len(is.Partitions) == 5
	})
}

// A request that failed, or to which nothing was read, is no contact with the broker.
func TestOnlyAnAnswerIsContact(t *testing.T) {
	long := time.Now().Add(-time.Hour)
	for what, c := range map[string]struct {
		e2e  kgo.BrokerE2E
		want bool
	}{
		"an answer":       {kgo.BrokerE2E{BytesRead: 10}, true},
		"not written":     {kgo.BrokerE2E{WriteErr: context.DeadlineExceeded}, false},
		"not read":        {kgo.BrokerE2E{BytesRead: 10, ReadErr: context.DeadlineExceeded}, false},
		"nothing to read": {kgo.BrokerE2E{}, false},
	} {
		seen := newContact(long)
		seen.OnBrokerE2E(kgo.BrokerMetadata{}, 0, c.e2e)
		if got := seen.Last().After(long); got != c.want {
			t.Errorf("%s: contact is %v, want %v", what, got, c.want)
		}
	}
}
