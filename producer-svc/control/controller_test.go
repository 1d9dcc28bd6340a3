package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a Controller until the test ends or stop is called.
func start(t testing.TB, c *kafkatest.Cluster, lesson workshop.Lesson, holder string) (d *Controller, stop func()) {
	t.Helper()
	return run(t, Config{Kafka: c.Config, Room: workshop.Room{Namespace: c.Namespace, Lesson: lesson}, Initial: lesson.DefaultLoad(), Holder: holder})
}

func run(t testing.TB, cfg Config) (d *Controller, stop func()) {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return d, stop
}

func holds(t testing.TB, d *Controller) {
	t.Helper()
	wait.Until(t, "holding the load", func() bool { return d.Ready() == nil })
}

func ends(t testing.TB, c *kafkatest.Cluster, topic string) []int64 {
	t.Helper()
	out, err := endsOf(t, c.Admin(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// endsOf is like ends, for a topic that may come and go.
func endsOf(t testing.TB, admin *kadm.Client, topic string) ([]int64, error) {
	listed, err := admin.ListEndOffsets(t.Context(), topic)
	if err == nil {
		err = listed.Error()
	}
	out := make([]int64, len(listed[topic]))
	if err == nil {
		listed.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	}
	return out, err
}

func rate(r float64) workshop.LoadPatch { return workshop.LoadPatch{Rate: &r} }

func burst(records int) workshop.Burst { return workshop.Burst{Records: &records} }

func TestProducesWhatIsAskedFor(t *testing.T) {
	c := kafkatest.New(t)
	d, stop := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	if err := d.Set(rate(0)); err != nil {
		t.Fatal(err)
	}
	before := d.View(time.Now()).Produced
	if err := d.Burst(burst(5000)); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "5000 records of the burst", func() bool { return d.View(time.Now()).Produced >= before+5000 })
	stop()
	v := d.View(time.Now())
	least, most := int64(1<<60), int64(0)
	for p, end := range ends(t, c, d.topic) {
		if end != v.Partitions[p].Produced {
			t.Errorf("partition %d holds %d records, and %d were counted", p, end, v.Partitions[p].Produced)
		}
		least, most = min(least, end), max(most, end)
	}
	if most-least > 1 {
		t.Errorf("records without a key are spread from %d to %d", least, most)
	}
	if v.Errors != 0 || v.Dropped != 0 {
		t.Errorf("%d errors, %d dropped", v.Errors, v.Dropped)
	}
}

func TestTheLoadSurvivesARestart(t *testing.T) {
	c := kafkatest.New(t)
	d, stop := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	keys, paused, share := "hot", true, 0.25
	if err := d.Set(workshop.LoadPatch{Keys: &keys, Paused: &paused, HotShare: &share, Rate: rate(42.5).Rate}); err != nil {
		t.Fatal(err)
	}
	want := d.View(time.Now()).Load
	stop()
	again, stop := start(t, c, workshop.ScaleUp, "two")
	holds(t, again)
	if got := again.View(time.Now()).Load; got != want {
		t.Errorf("after a restart %+v, want %+v", got, want)
	}
	stop()
	other, _ := start(t, c, workshop.WebEvents, "three")
	holds(t, other)
	if got := other.View(time.Now()).Load; got != workshop.WebEvents.DefaultLoad() {
		t.Errorf("another lesson starts with %+v, want its own", got)
	}
}

func TestOneAloneHoldsTheLoad(t *testing.T) {
	c := kafkatest.New(t)
	first, stop := start(t, c, workshop.ScaleUp, "one")
	holds(t, first)
	second, _ := start(t, c, workshop.ScaleUp, "two")
	wait.Until(t, "the second names the first", func() bool {
		return second.Ready() != nil && second.View(time.Now()).Holder == "one"
	})
	var standby StandbyError
	if err := second.Set(rate(7)); !errors.As(err, &standby) || standby.Holder != "one" {
		t.Errorf("the second was turned: %v", err)
	}
	if first.Ready() != nil {
		t.Error("the first has lost the load to a joiner")
	}
	if err := first.Set(rate(77)); err != nil {
		t.Fatal(err)
	}
	stop()
	wait.Until(t, "the second takes over", func() bool { return second.Ready() == nil })
	if got := second.View(time.Now()); got.Rate != 77 || got.Holder != "two" {
		t.Errorf("took over %v/s as %q", got.Rate, got.Holder)
	}
}

func TestPartitionsAreAdded(t *testing.T) {
	c := kafkatest.New(t)
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	_ = d.Set(rate(500))
	var fewer FewerPartitionsError
	if err := d.SetPartitions(t.Context(), 4); !errors.As(err, &fewer) || fewer.Have != 5 {
		t.Errorf("4: %v", err)
	}
	var fault workshop.FieldError
	for _, n := range []int{0, -1, MaxPartitions + 1} {
		if err := d.SetPartitions(t.Context(), n); !errors.As(err, &fault) || fault.Field != "count" {
			t.Errorf("%d: %v", n, err)
		}
	}
	if err := d.SetPartitions(t.Context(), 5); err != nil {
		t.Errorf("5: %v", err)
	}
	if err := d.SetPartitions(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "records on the sixth partition", func() bool {
		v := d.View(time.Now())
		return len(v.Partitions) == 6 && v.Partitions[5].Produced > 0
	})
}

func TestATopicWithOtherPartitionsIsUsedAsItIs(t *testing.T) {
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Namespace.Name(workshop.RebalancingDemo.Topic), 3, nil)
	d, _ := start(t, c, workshop.RebalancingDemo, "one")
	holds(t, d)
	v := d.View(time.Now())
	if len(v.Partitions) != 3 || !strings.Contains(v.Note, "has 3 partitions") {
		t.Errorf("%d partitions, note %q", len(v.Partitions), v.Note)
	}
	if v.Rate != 2 || v.Keys != "fixed" {
		t.Errorf("the lesson starts with %+v", v.Load)
	}
}

func TestWhatTheTopicsAreMadeWith(t *testing.T) {
	c := kafkatest.New(t)
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	configs, err := c.Admin(t).DescribeTopicConfigs(t.Context(), d.topic, d.reader.topic)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, rc := range configs {
		for _, kv := range rc.Configs {
			got[rc.Name+" "+kv.Key] = kv.MaybeValue()
		}
	}
	if got[d.topic+" retention.ms"] != "3600000" || got[d.reader.topic+" cleanup.policy"] != "compact" {
		t.Errorf("%v", got)
	}
	if n, err := countPartitions(t.Context(), d.reader.client, d.reader.topic); n != 1 || err != nil {
		t.Errorf("%d partitions of %s: %v", n, d.reader.topic, err)
	}
}

func TestFresh(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		what string
		good time.Time
		want bool
	}{
		{"none", time.Time{}, false},
		{"young", now.Add(-time.Second), true},
		{"old", now.Add(-giveUpAfter), false},
		{"old by the wall clock alone", now.Round(0).Add(-time.Hour), false},
	} {
		if got := fresh(tt.good, now); got != tt.want {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
}

func TestBadInitialLoad(t *testing.T) {
	_, err := New(Config{Room: workshop.Room{Lesson: workshop.ScaleUp}, Initial: workshop.Load{Rate: -1}})
	var fault workshop.FieldError
	if !errors.As(err, &fault) || fault.Field != "rate" {
		t.Error(err)
	}
	for _, tt := range []struct{ holder, want string }{{"", "nobody"}, {"h", "h holds"}} {
		if got := fmt.Sprint(StandbyError{tt.holder}); !strings.Contains(got, tt.want) {
			t.Error(got)
		}
	}
}
