package worker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
)

const (
	lookEvery   = time.Second
	lookTimeout = 4 * time.Second
)

// A watch looks at the whole share group through the admin API once a second. It alone reports what is wrong with the cluster
// as seen from here.
type watch struct {
	group *Group
	fault.Outside
	condition fault.Condition

	mu      sync.Mutex // guards what follows
	view    GroupView
	numbers map[string]int // of this process's workers by member ID, including former ones
}

// newWatch returns a watch whose connection ends with ctx.
func newWatch(ctx context.Context, g *Group) (*watch, error) {
	w := &watch{group: g, numbers: map[string]int{}, view: GroupView{Group: group.Group{Name: g.cfg.Group}}}
	return w, w.Open(ctx, g.cfg.Kafka, g.cfg.ClientID+"-watch", g.log)
}

// waitUntilReachable waits until the cluster answers, has the topic, and lets the group be a share group. It returns false if
// ctx ends first.
func (w *watch) waitUntilReachable(ctx context.Context) bool {
	backoff := kafka.Backoff(250*time.Millisecond, 2*time.Second)
	for try := 1; ctx.Err() == nil; try++ {
		if w.look(ctx, w.describeFirst) {
			return true
		}
		kafka.Sleep(ctx, backoff(try))
	}
	return false
}

// run looks until ctx ends.
func (w *watch) run(ctx context.Context) {
	for kafka.Sleep(ctx, lookEvery) {
		w.look(ctx, w.describe)
		w.group.forget(time.Now())
	}
}

// look describes the group once and reports what is wrong, or that all is well again.
func (w *watch) look(ctx context.Context, describe func(context.Context) (*group.Group, error)) bool {
	began := time.Now()
	view, err := w.read(ctx, describe)
	switch {
	case err == nil:
		w.update(view)
		w.reportState(Fault, "")
		return true
	case ctx.Err() != nil, fault.StoodStill(began, lookTimeout): // it says nothing about Kafka
	case errors.Is(err, kerr.CoordinatorNotAvailable), errors.Is(err, kerr.CoordinatorLoadInProgress):
		w.reportState(Waiting, "Kafka has no coordinator for the group yet; trying again.")
	default:
		f := w.explain(err)
		if f.Fatal {
			w.group.reportFault(0, f)
		} else {
			w.reportState(Fault, f.Text)
		}
	}
	return false
}

func (w *watch) explain(err error) fault.Fault {
	var wrong *group.TypeError
	switch {
	case kafka.Unsupported(err):
		return fault.NoShareGroups
	case errors.As(err, &wrong):
		return fault.Fault{Text: wrong.Error() + ": workers need a name that no consumer group has, so give another --group.", Fatal: true}
	}
	return w.Explain(err, w.group.place("ask about "+w.group.cfg.Topic))
}

// read reads the topic and the group once.
func (w *watch) read(ctx context.Context, describe func(context.Context) (*group.Group, error)) (GroupView, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	topics, _, err := kafka.Metadata(ctx, w.Client, w.group.cfg.Topic)
	if err != nil {
		return GroupView{}, err
	}
	topic := topics[w.group.cfg.Topic]
	if topic.Err != nil {
		return GroupView{}, topic.Err
	}
	w.Answered()

	g, err := describe(ctx)
	if err != nil {
		return GroupView{}, err
	}
	return GroupView{Group: *g, At: time.Now(), Partitions: len(topic.Leaders)}, nil
}

func (w *watch) describe(ctx context.Context) (*group.Group, error) {
	return group.DescribeShare(ctx, w.Client, w.group.cfg.Group, w.group.cfg.Topic)
}

// describeFirst rules out a consumer group of the same name: brokers tell workers that there is no such group, and the
// library would ask them repeatedly.
func (w *watch) describeFirst(ctx context.Context) (*group.Group, error) {
	g, err := group.Describe(ctx, w.Client, w.group.cfg.Group)
	if err != nil {
		return nil, err
	}
	if err := g.CheckType(true); err != nil {
		return nil, err
	}
	return w.describe(ctx)
}

// update applies the result of a look and reports who came and went.
func (w *watch) update(now GroupView) {
	w.mu.Lock()
	before := w.view
	w.view = now
	for _, one := range w.group.roster.All() {
		if id := memberOf(now.Members, one.clientID); id != "" {
			w.numbers[id] = one.number
		}
	}
	numbers := maps.Clone(w.numbers)
	w.mu.Unlock()
	if before.At.IsZero() {
		return
	}

	for _, m := range now.Members {
		if !has(before.Members, m.ID) {
			w.group.emit(Event{Kind: Member, At: now.At, Worker: numbers[m.RawID], Member: m})
		}
	}
	for _, m := range before.Members {
		if !has(now.Members, m.ID) {
			w.group.emit(Event{Kind: Member, At: now.At, Worker: numbers[m.RawID], Member: m, Gone: true})
		}
	}
}

func has(members []group.Member, id string) bool {
	return slices.ContainsFunc(members, func(m group.Member) bool { return m.ID == id })
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

// snapshot returns the group with this process's workers marked, and what is wrong now.
func (w *watch) snapshot(own []Status) (v GroupView, wrong string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v = w.view
	v.Numbers = maps.Clone(w.numbers)
	for _, s := range own {
		if id := memberOf(v.Members, s.ClientID); id != "" {
			v.Numbers[id] = s.Number
		}
	}
	return v, w.condition.Wrong()
}
