package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// offsetOf converts the start to the library's type.
func (s Start) offsetOf() kgo.Offset {
	o := kgo.NewOffset()
	switch s.kind {
	case atStart:
		return o.AtStart()
	case atOffset:
		return o.At(s.offset)
	case beforeEnd:
		return o.AtEnd().Relative(-s.offset)
	case atMoment:
		return o.AfterMilli(s.at.UnixMilli())
	}
	return o.AtEnd()
}

// Validate names the flag at fault.
func (t Tail) Validate() error {
	if t.MaxRecords < 0 {
		return fmt.Errorf("--max-records %d: use 0 or more", t.MaxRecords)
	}
	for _, p := range t.Partitions {
		if p < 0 {
			return fmt.Errorf("--partition %d: partitions begin at 0", p)
		}
	}
	if t.Filter != "" && t.Topic == offsetsTopic {
		return errors.New("--filter does not know the records of " + offsetsTopic + ": use --format json and a filter of your own")
	}
	if t.Filter != "" {
		_, err := newFilter(t.Filter, valueType(t.Room, t.Topic))
		return err
	}
	return nil
}

// prepare compiles the filter and checks the request against the topic, if that exists already.
func (r *tailing) prepare(ctx context.Context) error {
	if r.Filter != "" {
		filter, err := newFilter(r.Filter, valueType(r.Room, r.Topic))
		if err != nil {
			return err
		}
		r.filter = filter
	}
	if len(r.Partitions) == 0 && r.Start.kind != atOffset && r.Topic != offsetsTopic {
		return nil
	}

	admin := kadm.NewClient(r.client)
	topics, err := admin.ListTopicsWithInternal(ctx, r.Topic)
	if err != nil {
		return r.unreadable(err)
	}
	t := topics[r.Topic]
	switch {
	case errors.Is(t.Err, kerr.TopicAuthorizationFailed):
		return r.unreadable(t.Err)
	case t.Err != nil && r.Topic == offsetsTopic:
		return errors.New("this cluster has no topic " + offsetsTopic + ": Apache Kafka creates it with the first group, and the embedded broker " +
			"keeps commits elsewhere; use describe or offsets show")
	case t.Err != nil:
		return nil // it may be created yet
	}

	for _, p := range r.Partitions {
		if _, exists := t.Partitions[p]; !exists {
			return fmt.Errorf("--partition %d: %s has the partitions 0 to %d", p, r.Topic, len(t.Partitions)-1)
		}
	}
	if r.Start.kind == atOffset {
		r.noteRange(ctx, admin)
	}
	return nil
}

// unreadable explains why the topic cannot be read.
func (r *tailing) unreadable(err error) error {
	if r.Topic == offsetsTopic && errors.Is(err, kerr.TopicAuthorizationFailed) {
		return errors.New("you may not read " + offsetsTopic + ", which holds the commits of all groups (TOPIC_AUTHORIZATION_FAILED): " +
			"ask the instructor to show it, or use describe for your own group")
	}
	return fmt.Errorf("read topic %s: %s", r.Topic, fault.Explain(err, ""))
}

// noteRange notes which partitions have no record at the offset to begin at: they begin at the nearest one that exists.
// It prints nothing if Kafka does not answer, because reading reports why.
func (r *tailing) noteRange(ctx context.Context, admin *kadm.Client) {
	starts, err := admin.ListStartOffsets(ctx, r.Topic)
	if err != nil {
		return
	}
	ends, err := admin.ListEndOffsets(ctx, r.Topic)
	if err != nil {
		return
	}

	for _, end := range ends.Offsets().Sorted() {
		start, _ := starts.Lookup(r.Topic, end.Partition)
		if len(r.Partitions) > 0 && !slices.Contains(r.Partitions, end.Partition) {
			continue
		}
		switch {
		case r.Start.offset > end.At:
			fmt.Fprintf(r.stderr, "%s, partition %d ends at %d: waiting for new records\n", r.Topic, end.Partition, end.At)
		case r.Start.offset < start.Offset:
			fmt.Fprintf(r.stderr, "%s, partition %d starts at %d: earlier records are deleted\n", r.Topic, end.Partition, start.Offset)
		}
	}
}
