package member

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

const (
	lookEvery   = time.Second
	lookTimeout = 4 * time.Second
	flushEvery  = 250 * time.Millisecond
)

// A watch looks at the whole group through the admin API once a second, from outside of the group. It alone reports what is
// wrong with the cluster as seen from here.
type watch struct {
	group *Group
	fault.Outside
	adm *kadm.Client

	// Only looks use these, and they run one at a time.
	protocolReported bool               // it was reported that the group runs another protocol
	assigned         map[string][]int32 // by member ID, as of the last look without a rebalance

	condition fault.Condition

	mu        sync.Mutex // guards what follows
	view      GroupView
	instances map[string]int // of this process's members by member ID, including former ones
}

// newWatch returns a watch whose connection ends with ctx.
func newWatch(ctx context.Context, g *Group) (*watch, error) {
	w := &watch{
		group:     g,
		instances: map[string]int{},
		view:      GroupView{Group: group.Group{Name: g.cfg.Group}, Topic: g.cfg.Topic},
	}
	if err := w.Open(ctx, g.cfg.Kafka, g.cfg.ClientID+"-watch", g.log); err != nil {
		return nil, err
	}
	w.adm = kadm.NewClient(w.Client)
	w.adm.SetTimeoutMillis(int32(lookTimeout.Milliseconds()))
	return w, nil
}

// waitUntilReachable waits until the cluster answers and has the topic, and meanwhile reports what it waits for. It
// returns false if ctx ends first.
func (w *watch) waitUntilReachable(ctx context.Context) bool {
	backoff := kafka.Backoff(250*time.Millisecond, 2*time.Second)
	for try := 1; ctx.Err() == nil; try++ {
		if w.look(ctx) {
			return true
		}
		kafka.Sleep(ctx, backoff(try))
	}
	return false
}

// look describes the group once and reports what is wrong, or that all is well again.
func (w *watch) look(ctx context.Context) bool {
	began := time.Now()
	view, err := w.describe(ctx)
	if err == nil {
		w.update(view)
		w.reportState(Fault, "")
	}
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	if fault.StoodStill(began, lookTimeout) {
		return false // it says nothing about Kafka
	}

	if errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.CoordinatorLoadInProgress) {
		w.reportState(Waiting, w.missingCoordinator(ctx))
	} else if f := w.Explain(err, w.group.cfg.faultPlace("ask about "+w.group.cfg.Topic)); f.Fatal {
		w.group.reportFault(0, f)
	} else {
		w.reportState(Fault, f.Text)
	}
	return false
}

// offsetsTopic holds groups and their commits. A new cluster creates it when the first group asks for its coordinator.
const offsetsTopic = "__consumer_offsets"

// missingCoordinator explains why the group has no coordinator yet.
func (w *watch) missingCoordinator(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	topics, err := w.adm.ListTopics(ctx, offsetsTopic)
	if err == nil && errors.Is(topics[offsetsTopic].Err, kerr.UnknownTopicOrPartition) {
		return "Kafka is creating its offsets topic; trying again."
	}
	return "Kafka has no coordinator for the group yet; trying again."
}

// run looks until ctx ends.
func (w *watch) run(ctx context.Context) {
	var done sync.WaitGroup
	defer done.Wait()
	done.Go(func() {
		for kafka.Sleep(ctx, flushEvery) {
			w.group.flush()
		}
	})
	for kafka.Sleep(ctx, lookEvery) {
		w.look(ctx)
	}
}

// reportState reports a fault, or what is waited for, once until it ends or changes.
func (w *watch) reportState(kind Kind, text string) {
	switch w.condition.Set(text, kind == Fault) {
	case fault.Begun:
		w.group.emit(Event{Kind: kind, Text: text})
	case fault.Healed:
		w.group.emit(Event{Kind: Fault, Text: fault.Answers, Healed: true})
	}
}

// describe reads the topic and the group once.
func (w *watch) describe(ctx context.Context) (GroupView, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	began := time.Now()
	cfg := w.group.cfg

	topics, err := w.adm.ListTopics(ctx, cfg.Topic)
	if err != nil {
		return GroupView{}, err
	}
	t := topics[cfg.Topic]
	if t.Err == nil && len(t.Partitions) == 0 {
		t.Err = kerr.UnknownTopicOrPartition
	}
	if t.Err != nil {
		return GroupView{}, t.Err
	}
	w.Answered()

	g, err := group.DescribeWithOffsets(ctx, w.Client, cfg.Group, cfg.Topic)
	if errors.Is(err, kerr.TopicAuthorizationFailed) { // the topic itself was just listed
		return GroupView{}, errors.New("a member of " + cfg.Group + " reads a topic that you may not look at")
	}
	if err != nil {
		return GroupView{}, err
	}
	return viewOf(t, g, began), nil
}

// viewOf returns a described group as it concerns one topic.
func viewOf(topic kadm.TopicDetail, g *group.Group, began time.Time) GroupView {
	out := GroupView{Group: g.On(topic.Topic), Began: began, At: time.Now(), Topic: topic.Topic, TopicID: topic.ID}
	owners := map[int32]string{}
	for _, m := range out.Members {
		for _, p := range out.Owned(m) {
			owners[p] = m.ID
		}
	}

	for _, id := range slices.Sorted(slices.Values(topic.Partitions.Numbers())) {
		o := g.OffsetsOf(group.Partition{Topic: topic.Topic, ID: id})
		out.Lanes = append(out.Lanes, Lane{Partition: id, Owner: owners[id], Committed: o.Committed, Start: o.Start, End: o.End})
	}
	return out
}
