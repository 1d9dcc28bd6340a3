package observe

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// watch runs the observer until the test ends. next returns its next sweep.
func watch(t *testing.T, o *Observer) (next func() game.Sweep) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	sweeps := make(chan game.Sweep)
	var run sync.WaitGroup
	run.Go(func() {
		err := o.Run(ctx, func(s game.Sweep) {
			select {
			case sweeps <- s:
			case <-ctx.Done():
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); run.Wait() })
	return func() game.Sweep {
		t.Helper()
		select {
		case s := <-sweeps:
			return s
		case <-time.After(patience):
			t.Fatal("no sweep")
			return game.Sweep{}
		}
	}
}

func await(t *testing.T, next func() game.Sweep, what string, ok func(game.Sweep) bool) game.Sweep {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if s := next(); ok(s) {
			return s
		}
	}
	t.Fatalf("no sweep showed %s", what)
	return game.Sweep{}
}

func TestRunGoesOnWhenTheBrokerWasAway(t *testing.T) {
	r := newRoom(t, 2)
	if r.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	next := watch(t, r.observer)
	good := func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].Err == "" && s.Topic.Err == "" }
	await(t, next, "Kafka", good)
	r.Stop(t)
	gone := await(t, next, "the error", func(s game.Sweep) bool { return s.Err != "" })
	if gone.Groups != nil || gone.At.IsZero() {
		t.Errorf("failed sweep: %+v", gone)
	}
	r.Start(t)
	await(t, next, "Kafka again", good)
}

func TestTheLoadIsReadFromTheControlTopic(t *testing.T) {
	r := newRoom(t, 1)
	next := watch(t, r.observer)
	if s := await(t, next, "an answer", func(s game.Sweep) bool { return s.Err == "" }); s.Load != nil {
		t.Fatalf("load before anybody spoke: %+v", s.Load)
	}
	control := r.ControlTopic()
	r.CreateTopic(t, control, 1, nil)
	p := r.Client(t)
	say := func(key string, value any) {
		t.Helper()
		body, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ProduceSync(t.Context(), &kgo.Record{Topic: control, Key: []byte(key), Value: body}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	say("status", "nonsense")
	say("status", workshop.LoadStatus{Rate: 50, Achieved: 49.5, Keys: workshop.KeysFixed, FixedKeys: 4, At: "2026-01-02T03:04:05.678Z"})
	s := await(t, next, "the status", func(s game.Sweep) bool { return s.Load != nil })
	if want := (game.LoadFact{Rate: 50, Achieved: 49.5, Keys: workshop.KeysFixed, FixedKeys: 4, At: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)}); *s.Load != want {
		t.Errorf("load: %+v", *s.Load)
	}
	say("load", workshop.Load{Rate: 500, Paused: true})
	s = await(t, next, "what was set", func(s game.Sweep) bool { return s.Load.Rate == 500 })
	if !s.Load.Paused || s.Load.Achieved != 49.5 {
		t.Errorf("load: %+v", *s.Load)
	}
}

func TestStrangersOnTheTopic(t *testing.T) {
	r := newRoom(t, 1)
	tema := r.Namespace.Name("tema-7")
	stray := r.Client(t, kgo.ConsumerGroup(tema), kgo.ConsumeTopics(r.topic))
	elsewhere := r.Namespace.Name("elsewhere")
	r.CreateTopic(t, elsewhere, 1, nil)
	other := r.Client(t, kgo.ConsumerGroup(r.Namespace.Name("others")), kgo.ConsumeTopics(elsewhere))
	r.join(t, 1)
	var got game.Sweep
	now := time.Now()
	r.until(t, "the stranger", func(game.Sweep) bool {
		now = now.Add(listEvery) // each sweep is due to list the groups
		got = r.sweeper.sweep(t.Context(), now)
		return got.Err == "" && len(got.Strangers) > 0 && got.Strangers[0].Members == 1 && split(1)(got.Groups[0])
	})
	if !r.Real && !slices.EqualFunc(got.Strangers, []string{tema}, func(s game.Stranger, name string) bool { return s.Group == name }) {
		t.Errorf("strangers: %+v", got.Strangers)
	}
	stray.LeaveGroup()
	other.LeaveGroup()
}

func TestTheInstructorsActs(t *testing.T) {
	for name, opts := range map[string][]kgo.Opt{"classic": nil, "consumer": {kgo.ServerSideBalancer()}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, 1)
			r.produce(t, 50)
			group := r.Group(1)
			leave := r.join(t, 1, append(opts, kgo.DisableAutoCommit())...)
			got := r.until(t, "the member", func(s game.Sweep) bool { return s.Err == "" && split(1)(s.Groups[0]) })
			first := got.Groups[0].Members[0].ID

			if err := r.observer.SetOffsets(t.Context(), group, "earliest"); !errors.Is(err, ErrGroupBusy) {
				t.Errorf("offsets of a group with a member: %v", err)
			}
			if err := r.observer.RemoveMember(t.Context(), group, "nobody"); !errors.Is(err, ErrUnknownMember) {
				t.Errorf("removing nobody: %v", err)
			}
			if err := r.observer.RemoveMember(t.Context(), group, first); err != nil {
				t.Fatal(err)
			}
			leave()
			r.until(t, "the empty group", func(s game.Sweep) bool { return s.Err == "" && len(s.Groups[0].Members) == 0 })
			for to, want := range map[string]int64{"latest": 10, "earliest": 0} {
				if err := r.observer.SetOffsets(t.Context(), group, to); err != nil {
					t.Fatal(err)
				}
				r.until(t, to, func(s game.Sweep) bool {
					c := s.Groups[0].Committed
					return len(c) == 5 && c[0] == want && c[4] == want
				})
			}
			if err := r.observer.SetOffsets(t.Context(), group, "yesterday"); err == nil {
				t.Error("offsets to yesterday: no error")
			}
		})
	}
}

func TestEnsureTopicsMakesWhatIsMissing(t *testing.T) {
	r := newRoom(t, 2)
	r.CreateTopic(t, r.Actions(2), 1, nil)
	made, err := r.observer.EnsureTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{r.Actions(1), r.Stats(1), r.Stats(2), r.ViewTopic()}
	if !slices.Equal(made, want) {
		t.Errorf("made %v, want %v", made, want)
	}
	if made, err = r.observer.EnsureTopics(t.Context()); err != nil || len(made) != 0 {
		t.Errorf("again: made %v, error %v", made, err)
	}
	topics, err := r.Admin(t).ListTopics(t.Context(), want...)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(topics[want[0]].Partitions); n != 3 {
		t.Errorf("%s has %d partitions", want[0], n)
	}
}

func TestTopicsOfTeamsAreBounded(t *testing.T) {
	// given a stats topic as an older version created it, and an actions topic for which somebody chose a size
	r := newRoom(t, 2)
	compact, chosen := "compact", "50000000"
	r.CreateTopic(t, r.Stats(1), 1, map[string]*string{"cleanup.policy": &compact})
	r.CreateTopic(t, r.Actions(1), 3, map[string]*string{"retention.bytes": &chosen})
	if _, err := r.observer.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}

	for team := 1; team <= 2; team++ {
		for _, topic := range r.TeamTopics(team) {
			got, err := r.Admin(t).DescribeTopicConfigs(t.Context(), topic.Name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range got[0].Configs {
				want, ours := topic.Configs[c.Key]
				if c.Key == "retention.bytes" && topic.Name == r.Actions(1) {
					want = chosen
				}
				if ours && c.MaybeValue() != want {
					t.Errorf("%s: %s is %q, want %q", topic.Name, c.Key, c.MaybeValue(), want)
				}
			}
		}
	}
}
