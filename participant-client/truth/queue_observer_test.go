package truth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A spot is where a record is.
type spot struct {
	partition int32
	offset    int64
}

// A queueLook is a share group at some moment between began and ended, as the admin API reports it.
type queueLook struct {
	began, ended time.Time
	members      map[string][]int32 // assigned partitions by client ID
	start, lag   map[int32]int64    // of the partitions that the broker reports
	ends         map[int32]int64    // read before the lag
	endsAfter    map[int32]int64    // read after it
}

// A queueObserver records what Kafka reports about a share group, and reads the topic as a plain consumer. It shares no
// code with the product: it has its own requests and its own decoding.
type queueObserver struct {
	client       *kgo.Client
	group, topic string

	*record[queueLook]
	mu   sync.Mutex // guards jobs
	jobs map[spot]workshop.Job
}

// run looks until ctx ends.
func (o *queueObserver) run(ctx context.Context) { o.keep(ctx, o.look) }

// read reads the log until ctx ends.
func (o *queueObserver) read(ctx context.Context, reader *kgo.Client) {
	for ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			var job workshop.Job
			if json.Unmarshal(r.Value, &job) != nil {
				return
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.jobs[spot{r.Partition, r.Offset}] = job
		})
	}
}

func (o *queueObserver) look(ctx context.Context) (queueLook, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	l := queueLook{began: time.Now(), members: map[string][]int32{}, start: map[int32]int64{}, lag: map[int32]int64{}}
	var err error
	if l.ends, err = o.ends(ctx); err != nil {
		return l, err
	}
	if err := o.describe(ctx, &l); err != nil {
		return l, err
	}
	if err := o.offsets(ctx, &l); err != nil {
		return l, err
	}
	if l.endsAfter, err = o.ends(ctx); err != nil {
		return l, err
	}
	l.ended = time.Now()
	return l, nil
}

func (o *queueObserver) ends(ctx context.Context) (map[int32]int64, error) {
	listed, err := kadm.NewClient(o.client).ListEndOffsets(ctx, o.topic)
	if err != nil {
		return nil, err
	}
	out := map[int32]int64{}
	for p, end := range listed[o.topic] {
		if end.Err != nil {
			return nil, end.Err
		}
		out[p] = end.Offset
	}
	return out, nil
}

func (o *queueObserver) describe(ctx context.Context, l *queueLook) error {
	req := kmsg.NewPtrShareGroupDescribeRequest()
	req.GroupIDs = []string{o.group}
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	if len(resp.Groups) != 1 {
		return errors.New("not the one group that was asked for")
	}
	if err := kerr.ErrorForCode(resp.Groups[0].ErrorCode); err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}
	for _, m := range resp.Groups[0].Members {
		l.members[m.ClientID] = []int32{}
		for _, t := range m.Assignment.TopicPartitions {
			if t.Topic == o.topic {
				l.members[m.ClientID] = sorted(l.members[m.ClientID], t.Partitions)
			}
		}
	}
	return nil
}

func (o *queueObserver) offsets(ctx context.Context, l *queueLook) error {
	asked := kmsg.NewDescribeShareGroupOffsetsRequestGroup()
	asked.GroupID = o.group
	req := kmsg.NewPtrDescribeShareGroupOffsetsRequest()
	req.Groups = append(req.Groups, asked)
	resp, err := req.RequestWith(ctx, o.client)
	if err != nil {
		return err
	}
	for _, g := range resp.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				if t.Topic == o.topic && p.ErrorCode == 0 && p.StartOffset >= 0 {
					l.start[p.Partition], l.lag[p.Partition] = p.StartOffset, p.Lag
				}
			}
		}
	}
	return nil
}

// done returns two bounds for how many records of a partition are neither waiting nor in work; false if the broker does
// not report them.
func (l queueLook) done(p int32) (least, most int64, ok bool) {
	lag, ok := l.lag[p]
	if !ok || lag < 0 {
		return 0, 0, false
	}
	return l.ends[p] - lag, l.endsAfter[p] - lag, true
}

func (l queueLook) String() string {
	return fmt.Sprintf("{members %v start %v lag %v ends %v}", l.members, l.start, l.lag, l.ends)
}
