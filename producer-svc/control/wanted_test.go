package control

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

// ask writes a change as the leaderboard does and returns the record's offset.
func ask(t *testing.T, c *kafkatest.Cluster, w workshop.Wanted) int64 {
	t.Helper()
	rec := controlRecord(c.ControlTopic(), workshop.ScaleUp.Name, workshop.ControlKeyWanted, w)
	if err := c.Client(t).ProduceSync(t.Context(), rec).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return rec.Offset
}

// answered waits until a status in the topic answers the record at this offset.
func answered(t *testing.T, d *Controller, offset int64) (refused string) {
	t.Helper()
	wait.Until(t, "the answer", func() bool {
		s := d.reader.State().status
		refused = s.WantedError
		return s.Wanted != nil && *s.Wanted == offset
	})
	return refused
}

func TestTheLoadThatTheLeaderboardAsksForIsAppliedOnce(t *testing.T) {
	c := kafkatest.New(t)
	one, stop := start(t, c, workshop.ScaleUp, "one")
	holds(t, one)

	paused := true
	to, seconds := 900.0, 3600.0
	at := ask(t, c, workshop.Wanted{
		Load: &workshop.LoadPatch{Paused: &paused}, Ramp: &workshop.Ramp{To: &to, Seconds: &seconds}, Reason: "step 4, More load",
	})
	if refused := answered(t, one, at); refused != "" {
		t.Fatal(refused)
	}
	v := one.View(time.Now())
	if !v.Paused || v.Ramp == nil || v.Ramp.To != 900 || !strings.Contains(v.Note, "step 4, More load") {
		t.Errorf("the load is %+v, noted as %q", v.Load, v.Note)
	}

	// The instructor changes it by hand: the next holder keeps that.
	paused = false
	if err := one.Set(workshop.LoadPatch{Paused: &paused, Rate: rate(33).Rate}); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the load on the cluster", func() bool {
		l := one.reader.State().load
		return l != nil && l.Rate == 33
	})
	stop()

	two, _ := start(t, c, workshop.ScaleUp, "two")
	holds(t, two)
	if v := two.View(time.Now()); v.Paused || v.Rate != 33 || v.Ramp != nil {
		t.Errorf("the next holder applied it again: %+v", v.Load)
	}
}

func TestALoadThatIsAskedForWhileNobodyHoldsItWaits(t *testing.T) {
	c := kafkatest.New(t)
	c.CreateTopic(t, c.ControlTopic(), 1, nil)
	at := ask(t, c, workshop.Wanted{Load: &workshop.LoadPatch{Rate: rate(44).Rate}})
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	if refused := answered(t, d, at); refused != "" || d.View(time.Now()).Rate != 44 {
		t.Errorf("the rate is %v, refused: %q", d.View(time.Now()).Rate, refused)
	}
}

func TestALoadOutOfBoundsIsRefusedAsAWhole(t *testing.T) {
	c := kafkatest.New(t)
	d, _ := start(t, c, workshop.ScaleUp, "one")
	holds(t, d)
	before := d.View(time.Now())
	share, records := 7.0, 1000
	at := ask(t, c, workshop.Wanted{
		Load: &workshop.LoadPatch{Rate: rate(55).Rate, HotShare: &share}, Burst: &workshop.Burst{Records: &records}, Reason: "step 2",
	})
	if refused := answered(t, d, at); !strings.Contains(refused, "hot_share") {
		t.Errorf("refused with %q", refused)
	}
	if v := d.View(time.Now()); v.Load != before.Load || v.Burst != 0 || !strings.Contains(v.Note, "hot_share") {
		t.Errorf("the load is %+v with a burst of %d, noted as %q", v.Load, v.Burst, v.Note)
	}

	// A record of another lesson is ignored, and so is one that does not parse.
	rec := controlRecord(c.ControlTopic(), workshop.WebEvents.Name, workshop.ControlKeyWanted, workshop.Wanted{Load: &workshop.LoadPatch{Rate: rate(66).Rate}})
	rec2 := controlRecord(c.ControlTopic(), workshop.ScaleUp.Name, workshop.ControlKeyWanted, "x")
	if err := c.Client(t).ProduceSync(t.Context(), rec, rec2).FirstErr(); err != nil {
		t.Fatal(err)
	}
	last := ask(t, c, workshop.Wanted{Load: &workshop.LoadPatch{Rate: rate(77).Rate}})
	if refused := answered(t, d, last); refused != "" || d.View(time.Now()).Rate != 77 {
		t.Errorf("the rate is %v, refused: %q", d.View(time.Now()).Rate, refused)
	}
}
