package truth

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A participant is one of our processes: its members, and the story that its screen shows.
type participant struct {
	name    string
	cfg     member.Config
	members *member.Group // nil for a child
	process *os.Process   // nil for one inside the test's process
	link    *link         // nil for a child
	stop    func()
	done    chan struct{} // closed when its members and its story are over

	story    *story.Story
	advanced func(said []story.Sentence, looked time.Time) // called for each step of the story, if set

	mu     sync.Mutex // guards what follows
	said   []story.Sentence
	reads  []read
	looked time.Time // when the look began to which the story has advanced
	began  time.Time
	over   time.Time // zero while it runs
}

// A read is a batch that a member processed.
type read struct {
	at          time.Time
	instance    int
	partition   int32
	first, next int64
}

// A gap is a time in which a process was cut off from the brokers, or stopped.
type gap struct {
	clientID string
	from, to time.Time
}

// A mark is something that the script did to a member, by client id.
type mark struct {
	at     time.Time
	client string
}

// frame is how often a participant's screen advances.
const frame = 100 * time.Millisecond

// config returns the configuration of one of our processes, whose members' client ids are <group>-<name>-1 and on.
func (r *run) config(name string) member.Config {
	return member.Config{
		Kafka: r.cluster.Config, Group: r.group, Topic: r.topic, ClientID: r.group + "-" + name, Assignor: r.assignor,
		From: "earliest", SessionTimeout: r.session(), CommitInterval: commitInterval,
	}
}

func newParticipant(name string, cfg member.Config) (*participant, error) {
	told := story.Config{
		Group: cfg.Group, Topic: cfg.Topic, Assignor: cfg.Assignor, CommitInterval: cfg.CommitInterval, SessionTimeout: cfg.SessionTimeout,
	}
	p := &participant{name: name, cfg: cfg, story: story.New(told), done: make(chan struct{}), began: time.Now()}
	members, err := member.New(cfg, p, nil)
	p.members = members
	return p, err
}

// run runs one member, and the story, until ctx ends.
func (p *participant) run(ctx context.Context) error {
	defer close(p.done)
	over := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() { p.advance(over) })
	err := p.members.Run(ctx, 1)
	close(over)
	telling.Wait()
	return err
}

// join starts a process with this many members. They start one after the other, so that each assignment lasts long
// enough to be seen.
func (r *run) join(name string, instances int) *participant {
	r.t.Helper()
	cfg := r.config(name)
	way := new(link)
	cfg.Kafka.Dial = way.dial
	p, err := newParticipant(name, cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	p.link = way

	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go func() {
		if err := p.run(ctx); err != nil {
			r.t.Errorf("%s ended: %v", name, err)
		}
	}()
	r.t.Cleanup(func() {
		cancel()
		<-p.done
	})
	r.participants = append(r.participants, p)
	r.waitIn(p.client(1))
	for i := 1; i < instances; i++ {
		r.start(p, i+1)
	}
	return p
}

// start runs one more member of a process, which gets the lowest free number.
func (r *run) start(p *participant, instance int) {
	r.t.Helper()
	if _, err := p.members.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.waitIn(p.client(instance))
}

// advance advances the story as a screen does, until the members are over.
func (p *participant) advance(over <-chan struct{}) {
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

		fresh := p.story.Advance(p.members.Snapshot())
		p.mu.Lock()
		p.said = append(p.said, fresh...)
		p.looked = p.story.Scene.Group.Began
		p.mu.Unlock()
		if p.advanced != nil {
			p.advanced(fresh, p.story.Scene.Group.Began)
		}
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

// witness returns what it said and did so far.
func (p *participant) witness() *witness {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &witness{
		name: p.name, clientID: p.cfg.ClientID, from: p.cfg.From, interval: p.cfg.CommitInterval, began: p.began, over: p.over,
		said: slices.Clone(p.said), reads: slices.Clone(p.reads),
	}
}

// lastLook returns when the look began to which the story has advanced; false when the process is over.
func (p *participant) lastLook() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.looked, p.over.IsZero()
}

// knows reports whether the members of a process have what the observer sees them own.
func (p *participant) knows(now look) bool {
	if p.members == nil {
		return true // it can't be asked
	}
	for _, m := range p.members.Snapshot().Members {
		var owned []int32
		for _, position := range m.Partitions {
			owned = append(owned, position.Partition)
		}
		if m.State != member.Dead && !slices.Equal(owned, now.owned(p.client(m.Instance))) {
			return false
		}
	}
	return true
}

// client returns the client id of one of its members.
func (p *participant) client(instance int) string {
	return fmt.Sprintf("%s-%d", p.cfg.ClientID, instance)
}

// crash makes a member vanish: its connections break, without LeaveGroup and without a commit.
func (r *run) crash(p *participant, instance int) {
	r.t.Helper()
	r.crashes = append(r.crashes, mark{time.Now(), p.client(instance)})
	if err := p.members.Crash(instance); err != nil {
		r.t.Fatal(err)
	}
}

// leave makes one member leave the group.
func (r *run) leave(p *participant, instance int) {
	r.t.Helper()
	r.leaves = append(r.leaves, mark{time.Now(), p.client(instance)})
	if err := p.members.Stop(instance); err != nil {
		r.t.Fatal(err)
	}
}

// quit makes all of a process's members leave, and waits until they have.
func (r *run) quit(p *participant) {
	r.t.Helper()
	for _, m := range p.members.Snapshot().Members {
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

// joinOther starts a member of another client: a plain consumer of the library with its default commits. A static one
// keeps its seat when it leaves.
func (r *run) joinOther(t testing.TB, client, static string, topics ...string) *kgo.Client {
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
