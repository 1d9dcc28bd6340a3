package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Partition is where one partition is read, and from which offset.
type Partition struct {
	Topic  string
	ID     [16]byte // the topic's; zero on brokers that have none
	Number int32
	Leader int32 // a broker's id; negative for none
	Next   int64
}

// Fetched is what one fetch brought of one partition. It holds what is still packed; Fetcher.Visit
// unpacks it.
type Fetched struct {
	Partition
	End int64 // the log end offset
	Err error // of this partition alone: nothing was brought

	batches []byte
	aborted map[int64][]int64 // by producer: where its aborted transactions begin, ascending
}

// A Fetcher reads records of many partitions, read-committed, in bounded memory, whatever was written
// to them: the library's consumer unpacks all of a response at once, so that a response of 1 MiB can
// need gigabytes, and it stops for good at a batch that it cannot read. A Fetcher holds one response
// of each broker, packed, and unpacks one batch at a time. It is not safe for concurrent use.
type Fetcher struct {
	client *kgo.Client
	unpack *unpacker
}

const (
	fetchBytes     = 4 << 20   // of one response
	partitionBytes = 512 << 10 // of one partition in it
	visitBytes     = 16 << 20  // unpacked by one visit, so that no partition keeps the others waiting
	fetchTimeout   = 5 * time.Second
)

// NewFetcher reads through a client, which the caller closes.
func NewFetcher(client *kgo.Client) *Fetcher { return &Fetcher{client: client, unpack: newUnpacker()} }

// Fetch asks every leader at once for what there is, and waits up to wait for a first record. There
// is one Fetched for each partition; what went wrong with one, or with one broker, stands there.
func (f *Fetcher) Fetch(ctx context.Context, from []Partition, wait time.Duration) []Fetched {
	leaders := map[int32][]Partition{}
	var out []Fetched
	for _, p := range from {
		if p.Leader < 0 {
			out = append(out, Fetched{Partition: p, Err: kerr.LeaderNotAvailable})
			continue
		}
		leaders[p.Leader] = append(leaders[p.Leader], p)
	}

	var mu sync.Mutex
	var wg sync.WaitGroup
	for leader, partitions := range leaders {
		wg.Go(func() {
			got := f.fetchFrom(ctx, leader, partitions, wait)
			mu.Lock()
			defer mu.Unlock()
			out = append(out, got...)
		})
	}
	wg.Wait()

	slices.SortFunc(out, func(a, b Fetched) int {
		return cmp.Or(strings.Compare(a.Topic, b.Topic), cmp.Compare(a.Number, b.Number))
	})
	return out
}

// fetchFrom asks one broker. A response that is too large to be read is asked for in halves, so that
// only the partition stands alone that makes it so.
func (f *Fetcher) fetchFrom(ctx context.Context, leader int32, partitions []Partition, wait time.Duration) []Fetched {
	out, err := f.request(ctx, leader, partitions, wait)
	if err == nil {
		return out
	}
	if half := len(partitions) / 2; half > 0 && TooLargeResponse(err) {
		return append(f.fetchFrom(ctx, leader, partitions[:half], wait), f.fetchFrom(ctx, leader, partitions[half:], wait)...)
	}

	for _, p := range partitions {
		out = append(out, Fetched{Partition: p, Err: fmt.Errorf("fetch from broker %d: %w", leader, err)})
	}
	return out
}

// TooLargeResponse reports that a broker's answer was not read because it is larger than the client
// allows. The library has no error of its own for it.
func TooLargeResponse(err error) bool {
	return err != nil && strings.Contains(err.Error(), "invalid large response size")
}

func (f *Fetcher) request(ctx context.Context, leader int32, partitions []Partition, wait time.Duration) ([]Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout+wait)
	defer cancel()
	resp, err := f.client.Broker(int(leader)).Request(ctx, fetchRequest(partitions, wait))
	if err != nil {
		return nil, err
	}

	got := resp.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		return nil, err
	}
	return answered(partitions, got), nil
}

// withoutIDs is a fetch for brokers whose topics have no ids: version 13 names topics by nothing else.
type withoutIDs struct{ *kmsg.FetchRequest }

func (withoutIDs) MaxVersion() int16 { return 12 }

func fetchRequest(partitions []Partition, wait time.Duration) kmsg.Request {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis = int32(wait.Milliseconds())
	req.MinBytes = 1
	req.MaxBytes = fetchBytes
	req.IsolationLevel = 1 // read-committed

	named := true
	topics := map[string]int{}
	for _, p := range partitions {
		at, ok := topics[p.Topic]
		if !ok {
			at = len(req.Topics)
			topics[p.Topic] = at
			t := kmsg.NewFetchRequestTopic()
			t.Topic, t.TopicID = p.Topic, p.ID
			req.Topics = append(req.Topics, t)
			named = named && p.ID != [16]byte{}
		}
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.FetchOffset, part.PartitionMaxBytes = p.Number, p.Next, partitionBytes
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, part)
	}
	if !named {
		return withoutIDs{req}
	}
	return req
}

// answered pairs an answer with what was asked for.
func answered(partitions []Partition, resp *kmsg.FetchResponse) []Fetched {
	type spot struct {
		topic  string
		number int32
	}
	names := map[[16]byte]string{}
	for _, p := range partitions {
		names[p.ID] = p.Topic
	}
	found := map[spot]*kmsg.FetchResponseTopicPartition{}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		name := cmp.Or(t.Topic, names[t.TopicID])
		for j := range t.Partitions {
			found[spot{name, t.Partitions[j].Partition}] = &t.Partitions[j]
		}
	}

	out := make([]Fetched, 0, len(partitions))
	for _, p := range partitions {
		got := Fetched{Partition: p}
		switch answer := found[spot{p.Topic, p.Number}]; {
		case answer == nil:
			got.Err = errors.New("the broker gave no answer for it")
		case answer.ErrorCode != 0:
			got.Err = kerr.ErrorForCode(answer.ErrorCode)
		default:
			got.End, got.batches, got.aborted = answer.HighWatermark, answer.RecordBatches, aborted(answer)
		}
		out = append(out, got)
	}
	return out
}

// aborted sorts what Redpanda gives in any order.
func aborted(p *kmsg.FetchResponseTopicPartition) map[int64][]int64 {
	out := map[int64][]int64{}
	for _, a := range p.AbortedTransactions {
		out[a.ProducerID] = append(out[a.ProducerID], a.FirstOffset)
	}
	for _, offsets := range out {
		slices.Sort(offsets)
	}
	return out
}
