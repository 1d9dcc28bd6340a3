package truth

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// childEnv holds the settings of a participant in a separate process, which runs this test's binary again.
const childEnv = "TRUTH_CHILD"

// A childConfig is what the parent passes to it.
type childConfig struct {
	Brokers            []string
	Username, Password string
	CA                 string
	Group, Topic       string
	ClientID, Assignor string
	Session            time.Duration
}

// A childReport is a line that the child writes: what is new since the last one.
type childReport struct {
	Said   []story.Sentence
	Reads  []childRead
	Looked time.Time
}

// A childRead is a read, as it is sent.
type childRead struct {
	At          time.Time
	Instance    int
	Partition   int32
	First, Next int64
}

// runChild runs a participant with one member until its stdin ends.
func runChild(settings string) error {
	var c childConfig
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}

	cfg := member.Config{
		Group: c.Group, Topic: c.Topic, ClientID: c.ClientID, Assignor: c.Assignor, From: "earliest",
		SessionTimeout: c.Session, CommitInterval: commitInterval,
	}
	cfg.Kafka.Brokers, cfg.Kafka.Username, cfg.Kafka.Password, cfg.Kafka.CA = c.Brokers, c.Username, workshop.Secret(c.Password), c.CA
	cfg.Kafka.SASL = "SCRAM-SHA-256"
	p, err := newParticipant(c.ClientID, cfg)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	out := json.NewEncoder(os.Stdout)
	sent := 0
	p.advanced = func(said []story.Sentence, looked time.Time) {
		report := childReport{Said: said, Looked: looked}
		p.mu.Lock()
		for _, r := range p.reads[sent:] {
			report.Reads = append(report.Reads, childRead{r.at, r.instance, r.partition, r.first, r.next})
		}
		sent = len(p.reads)
		p.mu.Unlock()
		_ = out.Encode(report) // a parent that is gone ends stdin, too
	}
	return p.run(ctx)
}

// joinChild is join with a separate process.
func (r *run) joinChild(name string) *participant {
	r.t.Helper()
	cfg := r.config(name)
	settings, err := json.Marshal(childConfig{
		Brokers: cfg.Kafka.Brokers, Username: cfg.Kafka.Username, Password: string(cfg.Kafka.Password), CA: cfg.Kafka.CA,
		Group: cfg.Group, Topic: cfg.Topic, ClientID: cfg.ClientID, Assignor: cfg.Assignor, Session: cfg.SessionTimeout,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(settings))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}

	p := &participant{name: name, cfg: cfg, process: cmd.Process, done: make(chan struct{}), began: time.Now()}
	p.stop = func() { _ = stdin.Close() }
	var reading sync.WaitGroup
	reading.Go(func() { p.follow(stdout) })
	go func() {
		reading.Wait()
		_ = cmd.Wait() // its lines show what it did
		close(p.done)
	}()
	r.t.Cleanup(func() {
		p.stop()
		select {
		case <-p.done:
		case <-time.After(patience):
			_ = p.process.Kill()
			<-p.done
			r.t.Errorf("%s does not end", name)
		}
	})
	r.participants = append(r.participants, p)
	r.waitIn(p.client(1))
	return p
}

// follow records what a child reports, until it ends.
func (p *participant) follow(lines io.Reader) {
	for in := json.NewDecoder(bufio.NewReader(lines)); ; {
		var report childReport
		err := in.Decode(&report)
		p.mu.Lock()
		if err != nil {
			p.over = time.Now()
			p.mu.Unlock()
			return
		}
		p.said = append(p.said, report.Said...)
		p.looked = report.Looked
		for _, r := range report.Reads {
			p.reads = append(p.reads, read{r.At, r.Instance, r.Partition, r.First, r.Next})
		}
		p.mu.Unlock()
	}
}
