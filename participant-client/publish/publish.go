// Package publish sends the lines that another program writes to a team's topics: each line is one record, checked before
// it is sent, and counted when Kafka has acknowledged it.
package publish

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Check returns the record's key for a line, or what is wrong with the line, in words.
type Check func(line []byte) (key []byte, problem string)

// Actions checks the lines as the leaderboard checks the records of a team's actions. The key is the customer.
func Actions(team int) Check {
	criterion, id := workshop.CriterionOf(team), workshop.TeamID(team)
	return func(line []byte) ([]byte, string) {
		a, problem := workshop.ParseAction(line, criterion, id)
		return []byte(a.Customer), problem
	}
}

// Stats checks the lines as the leaderboard checks the records of a team's stats. The topic is compacted by key: a
// program's report replaces its previous one, for all partitions or for one.
func Stats(team int, key string) Check {
	id := workshop.TeamID(team)
	return func(line []byte) ([]byte, string) {
		s, problem := workshop.ParseStats(line, id)
		if problem == "" && s.Partition != nil {
			return []byte(workshop.PartitionKey(*s.Partition)), ""
		}
		return []byte(key), problem
	}
}

// Lines publishes the lines of a reader to a topic.
type Lines struct {
	Topic string
	Check Check
}

// Options returns the options that Run's client needs.
func (l Lines) Options() []kgo.Opt {
	return []kgo.Opt{
		kgo.DefaultProduceTopic(l.Topic),
		kgo.ProducerBatchCompression(kgo.NoCompression()), // as members do: some libraries read no snappy
	}
}

// A Result counts lines.
type Result struct {
	Acknowledged int64
	Rejected     int64 // by Check: they were not sent
	Lost         int64 // they were sent, and Kafka did not acknowledge them
}

const (
	// finishWithin limits the wait for acknowledgements after ctx ends.
	finishWithin = 10 * time.Second
	// noticeEvery is how often Run reports that Kafka does not acknowledge anything.
	noticeEvery = 5 * time.Second
)

// Run publishes until the reader ends, or ctx, or Kafka rejects a record. It reports on stderr what is wrong with which
// line. When ctx ends, the goroutine that reads stays until the reader returns.
func (l Lines) Run(ctx context.Context, client *kgo.Client, from io.Reader, stderr io.Writer) Result {
	sending, stop := context.WithCancel(context.Background())
	defer stop()
	end := context.AfterFunc(ctx, func() { time.AfterFunc(finishWithin, stop) })
	defer end()

	p := &publishing{Lines: l, client: client, stderr: stderr, refused: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.publishAll(ctx, sending, readLines(ctx, from))
	}()

	notices := time.NewTicker(noticeEvery)
	defer notices.Stop()
	for {
		select {
		case <-done:
			return p.counts
		case <-notices.C:
			p.notice()
		}
	}
}

// A publishing is one run of Lines.
type publishing struct {
	Lines
	client  *kgo.Client
	refused chan struct{} // closed when Kafka rejects a record

	mu       sync.Mutex // guards what follows
	stderr   io.Writer
	counts   Result
	waiting  int64 // lines that are sent and not yet acknowledged
	progress bool  // since the last notice
}

// publishAll publishes the lines until there are no more, ctx ends or a record is rejected, and then waits for the
// acknowledgements until sending ends.
func (p *publishing) publishAll(ctx, sending context.Context, lines <-chan line) {
	for open := true; open; {
		select {
		case <-ctx.Done():
			open = false
		case <-p.refused:
			open = false
		case next, more := <-lines:
			open = more
			if more {
				p.publish(sending, next)
			}
		}
	}
	_ = p.client.Flush(sending) // what it did not send is counted as lost
}

// publish checks a line and sends it. It blocks while too many lines wait for their acknowledgement.
func (p *publishing) publish(sending context.Context, l line) {
	key, problem := []byte(nil), l.problem
	if problem == "" {
		key, problem = p.Check(l.text)
	}
	if problem != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.counts.Rejected++
		fmt.Fprintf(p.stderr, "line %d is not sent: %s\n", l.number, problem)
		return
	}

	p.mu.Lock()
	p.waiting++
	p.mu.Unlock()
	p.client.Produce(sending, &kgo.Record{Key: key, Value: l.text}, func(_ *kgo.Record, err error) { p.acknowledged(l.number, err) })
}

// maxToldLost is how many lost lines are reported one by one.
const maxToldLost = 10

// acknowledged counts a line that was sent, by Kafka's response.
func (p *publishing) acknowledged(number int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if err == nil {
		p.counts.Acknowledged++
		p.progress = true
		return
	}

	p.counts.Lost++
	if p.counts.Lost == 1 {
		close(p.refused)
	}
	if p.counts.Lost <= maxToldLost {
		why := fault.Of(err, fault.Place{Doing: "write to " + p.Topic}).Text
		fmt.Fprintf(p.stderr, "line %d was not acknowledged: %s\n", number, why)
	}
}

// notice reports that lines wait, if none was acknowledged since the last notice.
func (p *publishing) notice() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting > 0 && !p.progress {
		fmt.Fprintf(p.stderr, "waiting for Kafka: %d lines are sent and not acknowledged yet\n", p.waiting)
	}
	p.progress = false
}
