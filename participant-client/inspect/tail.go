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
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/report"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Tail prints the records of a topic. It is in no group and commits nothing.
type Tail struct {
	Room       workshop.Room // determines the type of its topics' records, for Filter
	Topic      string
	Start      Start
	Partitions []int32 // empty for all
	Filter     string  // an expression over each record; empty for all records
	MaxRecords int64   // stop after printing this many; 0 continues until ctx ends
	Verbose    bool    // with timestamps and headers
	JSON       bool
}

// Options returns the options that Run's client needs.
func (t Tail) Options() []kgo.Opt {
	start := t.Start.offsetOf()
	reset := kgo.NewOffset().AtEnd()
	if t.Start.kind == atStart {
		reset = kgo.NewOffset().AtStart()
	}
	opts := []kgo.Opt{kgo.ConsumeStartOffset(start), kgo.ConsumeResetOffset(reset), kgo.UnknownTopicRetries(-1)}
	if len(t.Partitions) == 0 {
		return append(opts, kgo.ConsumeTopics(t.Topic))
	}

	from := map[int32]kgo.Offset{}
	for _, p := range t.Partitions {
		from[p] = start
	}
	return append(opts, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{t.Topic: from}))
}

// Run prints a line per record until ctx ends. It waits for a topic that does not exist yet, and reads one that is deleted
// and created again from its start. A topic that the user may not read is an error.
func (t Tail) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	r := &tailing{Tail: t, client: client, out: bufio.NewWriterSize(stdout, 64<<10), stderr: stderr, next: map[int32]int64{}}
	r.names = topicNames{ctx: ctx, admin: kadm.NewClient(client), names: map[[16]byte]string{}}
	if err := r.prepare(ctx); err != nil {
		return err
	}

	for {
		fetches := r.poll(ctx)
		if ctx.Err() != nil {
			return r.out.Flush()
		}
		if err := r.reportErrors(ctx, fetches); err != nil {
			return err
		}

		done, err := r.print(fetches)
		if err := errors.Join(err, r.out.Flush()); err != nil || done {
			return err
		}
		r.checkTopic(ctx)
	}
}

const (
	checkTopicEvery  = time.Second     // for a topic that was created again
	checkTopicWithin = 2 * time.Second // so that a broker that is away does not delay records that were read
)

// A tailing is one run of a Tail.
type tailing struct {
	Tail
	client *kgo.Client
	out    *bufio.Writer
	stderr io.Writer
	filter *recordFilter // nil for all records
	names  topicNames

	printed  int64
	reported string          // the error that was reported last
	next     map[int32]int64 // the next offset of each partition of which a record was printed

	checkedAt time.Time
	topicID   kadm.TopicID // zero until the topic was seen
	assigned  []int32      // partitions that are assigned by number, after the topic was created again
}

// poll waits for records, but no longer than until the topic is to be checked.
func (r *tailing) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, checkTopicEvery)
	defer cancel()
	return r.client.PollFetches(ctx)
}

// reportErrors writes errors of fetches to stderr. It returns an error if waiting does not help.
func (r *tailing) reportErrors(ctx context.Context, fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if errors.Is(e.Err, context.DeadlineExceeded) && e.Topic == "" {
			continue // no record arrived
		}
		if errors.Is(e.Err, kerr.TopicAuthorizationFailed) {
			return r.unreadable(e.Err)
		}

		at, known := r.next[e.Partition]
		if !known {
			at = -1
		}
		if bad := kafka.SkipBadBatch(ctx, r.client, e.Topic, e.Partition, at, e.Err); bad != nil {
			fmt.Fprintf(r.stderr, "%s, partition %d: %v; skipped\n", r.Topic, e.Partition, bad)
			r.next[e.Partition] = bad.Last + 1
			continue
		}
		if text := fault.Explain(e.Err, ""); text != r.reported {
			fmt.Fprintf(r.stderr, "%s: %s; retrying\n", r.Topic, text)
			r.reported = text
		}
	}
	return nil
}

// print writes a line for each record that matches, and is done once MaxRecords are written.
func (r *tailing) print(fetches kgo.Fetches) (done bool, err error) {
	var line []byte
	for records := fetches.RecordIter(); !records.Done(); {
		rec := records.Next()
		r.next[rec.Partition] = rec.Offset + 1
		if r.filter != nil && !r.filter.match(rec) {
			continue
		}

		line = r.appendLine(line[:0], rec)
		if _, err := r.out.Write(line); err != nil {
			return false, err
		}
		r.printed++
		if r.printed == r.MaxRecords {
			return true, nil
		}
	}
	return false, nil
}

func (r *tailing) appendLine(line []byte, rec *kgo.Record) []byte {
	switch {
	case r.Topic == offsetsTopic:
		return appendOffsetsRecord(line, rec, r.names.of, r.JSON)
	case r.JSON:
		return report.AppendJSON(line, rec)
	case r.Verbose:
		return report.AppendVerbose(line, rec)
	}
	return report.AppendLine(line, rec)
}

// checkTopic switches to a topic that was deleted and created again. The library silently stays with the topic ID that
// it saw first, and reads a topic that is added again from where its options say, which for latest is too late. So
// partitions are assigned by number from then on, and partitions that are added later are assigned here.
func (r *tailing) checkTopic(ctx context.Context) {
	if time.Since(r.checkedAt) < checkTopicEvery {
		return
	}

	r.checkedAt = time.Now()
	ctx, cancel := context.WithTimeout(ctx, checkTopicWithin)
	defer cancel()
	topics, err := kadm.NewClient(r.client).ListTopics(ctx, r.Topic)
	t := topics[r.Topic]
	if err != nil || t.Err != nil || t.ID == (kadm.TopicID{}) {
		return // deleted, or Kafka does not answer: nothing changes
	}

	before := r.topicID
	r.topicID = t.ID
	switch {
	case before == kadm.TopicID{}:
	case before != t.ID:
		fmt.Fprintf(r.stderr, "%s was deleted and created again: reading it from its start\n", r.Topic)
		r.client.PurgeTopicsFromClient(r.Topic)
		r.next = map[int32]int64{}
		r.assigned = nil
		r.assign(r.wanted(t.Partitions))
	case r.assigned != nil:
		r.assign(r.wanted(t.Partitions))
	}
}

// wanted returns those of a topic's partitions that are to be read.
func (r *tailing) wanted(all kadm.PartitionDetails) []int32 {
	return slices.DeleteFunc(all.Numbers(), func(p int32) bool {
		return len(r.Partitions) > 0 && !slices.Contains(r.Partitions, p)
	})
}

// assign starts reading new partitions from their start.
func (r *tailing) assign(partitions []int32) {
	offsets := map[int32]kgo.Offset{}
	for _, p := range partitions {
		if !slices.Contains(r.assigned, p) {
			offsets[p] = kgo.NewOffset().AtStart()
			r.assigned = append(r.assigned, p)
		}
	}
	if len(offsets) > 0 {
		r.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.Topic: offsets})
		r.client.ForceMetadataRefresh()
	}
}
