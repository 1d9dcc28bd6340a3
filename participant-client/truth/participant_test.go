package truth

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A participant is one process of ours: its members, and the story that its screen tells of them.
type participant struct {
	name string
	cfg  member.Config
	crew *member.Crew
	stop context.CancelFunc
	done chan struct{} // closed when its members and its story are over

	story *story.Story

	mu    sync.Mutex // guards what follows
	said  []story.Sentence
	reads []read
	began time.Time
	over  time.Time // zero while it runs
}

// A read is a batch that a member processed.
type read struct {
	at          time.Time
	instance    int
	partition   int32
	first, next int64
}

// A mark is something that the script did to a member, by client id.
type mark struct {
	at     time.Time
	client string
}

// frame is how often a participant's screen goes on.
const frame = 100 * time.Millisecond

// join starts a process with so many members, whose client ids are <group>-<name>-1 and on. They come one after the
// other, so that each assignment is there for long enough to be seen.
func (r *run) join(name string, instances int) *participant {
	r.t.Helper()
	cfg := member.Config{
		Kafka: r.cluster.Config, Group: r.group, Topic: r.topic, ClientID: r.group + "-" + name, Assignor: r.assignor,
		From: "earliest", SessionTimeout: r.session(), CommitInterval: commitInterval,
	}
	told := story.Config{Group: r.group, Topic: r.topic, Assignor: r.assignor, CommitInterval: commitInterval, SessionTimeout: r.session()}
	p := &participant{name: name, cfg: cfg, story: story.New(told), done: make(chan struct{}), began: time.Now()}
	crew, err := member.New(cfg, p, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	p.crew = crew

	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	over := make(chan struct{})
	var works sync.WaitGroup
	works.Go(func() {
		defer close(over)
		if err := crew.Run(ctx, 1); err != nil {
			r.t.Errorf("%s ended: %v", name, err)
		}
	})
	works.Go(func() { p.tell(over) })
	go func() {
		works.Wait()
		close(p.done)
	}()
	r.t.Cleanup(func() {
		cancel()
		<-p.done
	})
	r.participants = append(r.participants, p)
	r.in(p.client(1))
	for i := 1; i < instances; i++ {
		r.start(p, i+1)
	}
	return p
}

// start runs one more member of a process, which gets the lowest free number.
func (r *run) start(p *participant, instance int) {
	r.t.Helper()
	if _, err := p.crew.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.in(p.client(instance))
}

// tell advances the story as a screen does, until the members are over.
func (p *participant) tell(over <-chan struct{}) {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for more := true; more; {
		select {
		case <-over:
			more = false
			p.mu.Lock()
			p.over = time.Now()
			p.mu.Unlock()
		case <-tick.C:
		}
		fresh := p.story.Advance(p.crew.Snapshot())
		p.mu.Lock()
		p.said = append(p.said, fresh...)
		p.mu.Unlock()
	}
}

// Event, Records and Flush make it the members' sink.
func (p *participant) Event(e member.Event) { p.story.Event(e) }

func (p *participant) Records(instance int, records []*kgo.Record) {
	first, last := records[0], records[len(records)-1]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads = append(p.reads, read{time.Now(), instance, first.Partition, first.Offset, last.Offset + 1})
}

func (p *participant) Flush() error { return nil }

// witness is what it said and did so far.
func (p *participant) witness() *witness {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &witness{
		name: p.name, clientID: p.cfg.ClientID, from: p.cfg.From, interval: p.cfg.CommitInterval, began: p.began, over: p.over,
		said: slices.Clone(p.said), reads: slices.Clone(p.reads),
	}
}

// client is the client id of one of its members.
func (p *participant) client(instance int) string {
	return fmt.Sprintf("%s-%d", p.cfg.ClientID, instance)
}

// crash makes a member vanish: its connections break, with no goodbye and no commit.
func (r *run) crash(p *participant, instance int) {
	r.t.Helper()
	r.crashes = append(r.crashes, mark{time.Now(), p.client(instance)})
	if err := p.crew.Crash(instance); err != nil {
		r.t.Fatal(err)
	}
}

// leave makes one member say goodbye.
func (r *run) leave(p *participant, instance int) {
	r.t.Helper()
	r.leaves = append(r.leaves, mark{time.Now(), p.client(instance)})
	if err := p.crew.Stop(instance); err != nil {
		r.t.Fatal(err)
	}
}

// quit makes all of a process's members say goodbye, and waits until they have.
func (r *run) quit(p *participant) {
	r.t.Helper()
	for _, m := range p.crew.Snapshot().Members {
		if m.State != member.Dead {
			r.leaves = append(r.leaves, mark{time.Now(), p.client(m.Instance)})
		}
	}
	p.stop()
	select {
	case <-p.done:
	case <-time.After(patience):
		r.t.Fatalf("%s does not end", p.name)
	}
}

// another is a member of another make: a plain consumer of the library with its default commits. A static one keeps its
// seat when it goes.
func (r *run) another(t testing.TB, client, static string, topics ...string) *kgo.Client {
	t.Helper()
	if len(topics) == 0 {
		topics = []string{r.topic}
	}
	opts := []kgo.Opt{
		kgo.ClientID(r.group + "-" + client), kgo.ConsumerGroup(r.group), kgo.ConsumeTopics(topics...),
		kgo.HeartbeatInterval(time.Second), kgo.AutoCommitInterval(commitInterval), kgo.MetadataMaxAge(5 * time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
	if r.session() > 0 {
		opts = append(opts, kgo.SessionTimeout(r.session()))
	}
	if static != "" {
		opts = append(opts, kgo.InstanceID(static))
	}
	switch r.assignor {
	case member.Range:
		opts = append(opts, kgo.Balancers(kgo.RangeBalancer()))
	case member.RoundRobin:
		opts = append(opts, kgo.Balancers(kgo.RoundRobinBalancer()))
	case member.CooperativeSticky:
		opts = append(opts, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	case member.Server:
		opts = append(opts, kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer())
	}
	cl := r.cluster.Client(t, opts...)
	go func() {
		for !cl.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	return cl
}
