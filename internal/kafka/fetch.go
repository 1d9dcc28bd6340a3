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

// A Partition is a partition to fetch, with its leader and the offset to fetch from.
type Partition struct {
	Topic  string
	ID     [16]byte // the topic's; zero for brokers without topic IDs
	Number int32
	Leader int32 // a broker's ID; negative for none
	Next   int64 // the offset to fetch
}

// Fetched is the response of a fetch for one partition. Its batches are still compressed: see Fetcher.Visit.
type Fetched struct {
	Partition
	End int64 // the log end offset
	Err error // of this partition; there are no batches then

	batches []byte
	aborted map[int64][]int64 // by producer ID: first offsets of its aborted transactions, ascending
}

// A Fetcher reads committed records of many partitions in bounded memory, whatever they contain. The library's consumer
// decompresses a whole response at once, so that 1 MiB can need gigabytes, and it stops at a batch that it
// cannot read. A Fetcher holds one compressed response of each broker and decompresses one batch at a time. It is not
// safe for concurrent use.
type Fetcher struct {
	client       *kgo.Client
	decompressor *decompressor
}

const (
	fetchBytes     = 4 << 20   // of one response
	partitionBytes = 512 << 10 // of one partition in it
	visitBytes     = 16 << 20  // decompressed by one visit, so that no partition makes the others wait
	fetchTimeout   = 5 * time.Second
)

// NewFetcher returns a Fetcher that uses a client. The caller closes the client.
func NewFetcher(client *kgo.Client) *Fetcher {
	return &Fetcher{client: client, decompressor: newDecompressor()}
}

// Fetch fetches from all leaders concurrently, and waits up to wait for a first record. It returns one Fetched for each
// partition, with the error of the partition or its broker.
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

// fetchFrom fetches from one broker. If the response is too large to read, it fetches the halves of the partitions
// separately, so that only the partition that causes it fails.
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

// TooLargeResponse reports whether a response was not read because it exceeds MaxResponse. The library has no error value
// for that.
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
	return match(partitions, got), nil
}

// withoutIDs is a fetch for brokers without topic IDs: from version 13 on, requests contain IDs instead of names.
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
			t.Topic = p.Topic
			t.TopicID = p.ID
			req.Topics = append(req.Topics, t)
			named = named && p.ID != [16]byte{}
		}

		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition = p.Number
		part.FetchOffset = p.Next
		part.PartitionMaxBytes = partitionBytes
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, part)
	}

	if !named {
		return withoutIDs{req}
	}
	return req
}

// match returns the response's result for each partition.
func match(partitions []Partition, resp *kmsg.FetchResponse) []Fetched {
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
			got.Err = errors.New("the broker's response does not include the partition")
		case answer.ErrorCode != 0:
			got.Err = kerr.ErrorForCode(answer.ErrorCode)
		default:
			got.End = answer.HighWatermark
			got.batches = answer.RecordBatches
			got.aborted = abortedTransactions(answer)
		}

		out = append(out, got)
	}

	return out
}

// abortedTransactions returns the first offsets of aborted transactions by producer ID, sorted: Redpanda's are not.
func abortedTransactions(p *kmsg.FetchResponseTopicPartition) map[int64][]int64 {
	out := map[int64][]int64{}
	for _, a := range p.AbortedTransactions {
		out[a.ProducerID] = append(out[a.ProducerID], a.FirstOffset)
	}
	for _, offsets := range out {
		slices.Sort(offsets)
	}

	return out
}
