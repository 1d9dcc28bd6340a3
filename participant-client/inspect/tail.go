package inspect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/report"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Tail prints every record of a topic, in no group: all partitions, nothing committed.
type Tail struct {
	Topic      string
	From       string // earliest or latest
	MaxRecords int64  // stop after so many; 0 goes on until ctx ends
}

// Options are what the client that Run is given must have been made with.
func (t Tail) Options() []kgo.Opt {
	from := kgo.NewOffset().AtEnd()
	if t.From == "earliest" {
		from = kgo.NewOffset().AtStart()
	}
	return []kgo.Opt{kgo.ConsumeTopics(t.Topic), kgo.ConsumeResetOffset(from), kgo.UnknownTopicRetries(-1)}
}

// Run prints a record a line until ctx ends. A topic that does not exist yet is waited for, and one that is deleted and
// made anew is read from its start; a topic that may not be read is an error.
func (t Tail) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	r := &tailing{Tail: t, client: client, out: bufio.NewWriterSize(stdout, 64<<10), stderr: stderr, next: map[int32]int64{}}
	for {
		fetches := r.poll(ctx)
		if ctx.Err() != nil {
			return r.out.Flush()
		}
		if err := r.faults(ctx, fetches); err != nil {
			return err
		}
		enough, err := r.print(fetches)
		if err := errors.Join(err, r.out.Flush()); err != nil || enough {
			return err
		}
		r.look(ctx)
	}
}

// lookEvery is how soon a topic that was made anew is noticed.
const lookEvery = time.Second

// A tailing is one run of a Tail.
type tailing struct {
	Tail
	client *kgo.Client
	out    *bufio.Writer
	stderr io.Writer

	printed  int64
	reported string          // the fault that was reported last
	next     map[int32]int64 // by partition, once a record of it was printed

	looked time.Time
	id     kadm.TopicID // of the topic; zero until it was seen
	pinned []int32      // partitions that are read by number, after the topic was made anew
}

// poll waits for records, and not longer than until the next look.
func (r *tailing) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	return r.client.PollFetches(ctx)
}

// faults reports what went wrong; an error is one that waiting does not heal.
func (r *tailing) faults(ctx context.Context, fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if errors.Is(e.Err, context.DeadlineExceeded) && e.Topic == "" {
			continue // no record came
		}
		if errors.Is(e.Err, kerr.TopicAuthorizationFailed) {
			return fmt.Errorf("read topic %s: %s", r.Topic, fault.Explain(e.Err, ""))
		}

		at, known := r.next[e.Partition]
		if !known {
			at = -1
		}
		if bad := kafka.PassOver(ctx, r.client, e.Topic, e.Partition, at, e.Err); bad != nil {
			fmt.Fprintf(r.stderr, "%s, partition %d: %v; it is passed over\n", r.Topic, e.Partition, bad)
			r.next[e.Partition] = bad.Last + 1
			continue
		}
		if text := fault.Explain(e.Err, ""); text != r.reported {
			fmt.Fprintf(r.stderr, "%s: %s; trying again\n", r.Topic, text)
			r.reported = text
		}
	}
	return nil
}

// print writes a line a record, and reports whether MaxRecords are written.
func (r *tailing) print(fetches kgo.Fetches) (enough bool, err error) {
	var line []byte
	for records := fetches.RecordIter(); !records.Done(); {
		rec := records.Next()
		r.next[rec.Partition] = rec.Offset + 1
		line = report.AppendLine(line[:0], rec)
		if _, err := r.out.Write(line); err != nil {
			return false, err
		}
		if r.printed++; r.printed == r.MaxRecords {
			return true, nil
		}
	}
	return false, nil
}

// look goes over to a topic that was deleted and made anew. The library stays with the id that it saw first, in silence,
// and begins a topic that is added again where its options say, which for latest is too late: so the partitions are read
// by number from then on, and those that come later are added here.
func (r *tailing) look(ctx context.Context) {
	if time.Since(r.looked) < lookEvery {
		return
	}
	r.looked = time.Now()

	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	topics, err := kadm.NewClient(r.client).ListTopics(ctx, r.Topic)
	t := topics[r.Topic]
	if err != nil || t.Err != nil || t.ID == (kadm.TopicID{}) {
		return // gone or out of reach: what was known stays
	}
	was := r.id
	r.id = t.ID
	switch {
	case was == kadm.TopicID{}:
	case was != t.ID:
		fmt.Fprintf(r.stderr, "%s was deleted and made anew: it is read from its start\n", r.Topic)
		r.client.PurgeTopicsFromClient(r.Topic)
		r.next, r.pinned = map[int32]int64{}, nil
		r.pin(t.Partitions.Numbers())
	case r.pinned != nil:
		r.pin(t.Partitions.Numbers())
	}
}

// lookWithin bounds a look, so that a broker that is away does not hold up what was read.
const lookWithin = 2 * time.Second

// pin begins to read partitions from their start.
func (r *tailing) pin(partitions []int32) {
	offsets := map[int32]kgo.Offset{}
	for _, p := range partitions {
		if !slices.Contains(r.pinned, p) {
			offsets[p] = kgo.NewOffset().AtStart()
			r.pinned = append(r.pinned, p)
		}
	}
	if len(offsets) > 0 {
		r.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.Topic: offsets})
		r.client.ForceMetadataRefresh()
	}
}
