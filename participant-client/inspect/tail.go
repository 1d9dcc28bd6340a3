package inspect

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

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

// Run prints a record a line until ctx ends. A topic that does not exist yet is waited for; a topic
// that may not be read is an error.
func (t Tail) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	out := bufio.NewWriterSize(stdout, 64<<10)
	var line []byte
	var printed int64
	told := ""
	next := map[int32]int64{} // by partition, once a record of it was printed
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return out.Flush()
		}
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, kerr.TopicAuthorizationFailed) {
				return fmt.Errorf("read topic %s: %s", t.Topic, fault.Explain(e.Err, ""))
			}
			at, known := next[e.Partition]
			if !known {
				at = -1
			}
			if bad := kafka.PassOver(ctx, client, e.Topic, e.Partition, at, e.Err); bad != nil {
				fmt.Fprintf(stderr, "%s, partition %d: %v; it is passed over\n", t.Topic, e.Partition, bad)
				next[e.Partition] = bad.Last + 1
				continue
			}
			if said := fault.Explain(e.Err, ""); said != told {
				fmt.Fprintf(stderr, "%s: %s; trying again\n", t.Topic, said)
				told = said
			}
		}
		for records := fetches.RecordIter(); !records.Done(); {
			r := records.Next()
			next[r.Partition] = r.Offset + 1
			line = report.AppendLine(line[:0], r)
			if _, err := out.Write(line); err != nil {
				return err
			}
			if printed++; printed == t.MaxRecords {
				return out.Flush()
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// Topic prints a topic as kafka-topics --describe does: partitions, leader, replicas, ISR.
func Topic(ctx context.Context, client *kgo.Client, name string, stdout io.Writer) error {
	topics, err := kadm.NewClient(client).ListTopicsWithInternal(ctx, name)
	if err != nil {
		return fmt.Errorf("describe topic %s: %s", name, fault.Explain(err, ""))
	}
	t, ok := topics[name]
	if !ok || errors.Is(t.Err, kerr.UnknownTopicOrPartition) {
		return fmt.Errorf("topic %s does not exist: check --topic, --lesson and --namespace, or ask the instructor to make it", name)
	}
	if t.Err != nil {
		return fmt.Errorf("describe topic %s: %s", name, fault.Explain(t.Err, ""))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Topic: %s\tTopicId: %s\tPartitionCount: %d\tReplicationFactor: %d\n",
		name, base64.RawURLEncoding.EncodeToString(t.ID[:]), len(t.Partitions), t.Partitions.NumReplicas())
	for _, p := range t.Partitions.Sorted() {
		leader := strconv.Itoa(int(p.Leader))
		if p.Leader < 0 {
			leader = "none"
		}
		fmt.Fprintf(&b, "\tTopic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\n",
			name, p.Partition, leader, list(p.Replicas), list(p.ISR))
	}
	_, err = io.WriteString(stdout, b.String())
	return err
}

func list(ids []int32) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.Itoa(int(id))
	}
	return strings.Join(out, ",")
}
