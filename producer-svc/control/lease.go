package control

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Timing of the lease. A holder gives up well before the broker can assign the lease to another.
const (
	sessionTimeout = 6 * time.Second
	giveUpAfter    = 4 * time.Second
	heartbeatEvery = time.Second
)

// A lease is the assignment of one partition within a consumer group, confirmed by the broker. The
// assignment alone is no fence: a process that was suspended does not know that it has been replaced.
// So the lease sends heartbeats of its own, besides the client's, and counts only while the latest
// successful one is recent.
type lease struct {
	client *kgo.Client
	group  string
	topic  string
	wake   chan struct{} // the assignment has changed: send a heartbeat now
	log    *slog.Logger

	mu        sync.Mutex // guards the fields below
	owned     bool       // the partition is assigned to us
	confirmed time.Time  // when the latest successful heartbeat was sent; zero for none since the assignment
}

// newLease joins the group. The partition's records are not read.
func newLease(opts []kgo.Opt, group, topic string, log *slog.Logger) (*lease, error) {
	l := &lease{group: group, topic: topic, wake: make(chan struct{}, 1), log: log}
	setOwned := func(owned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			if len(partitions[topic]) > 0 {
				l.setOwned(owned)
			}
		}
	}

	client, err := kgo.NewClient(append(opts,
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.SessionTimeout(sessionTimeout), kgo.RebalanceTimeout(sessionTimeout), kgo.HeartbeatInterval(heartbeatEvery),
		kgo.DisableAutoCommit(), kgo.OnPartitionsAssigned(setOwned(true)),
		kgo.OnPartitionsRevoked(setOwned(false)), kgo.OnPartitionsLost(setOwned(false)),
	)...)
	if err != nil {
		return nil, err
	}

	client.PauseFetchTopics(topic)
	l.client = client
	return l, nil
}

func (l *lease) setOwned(owned bool) {
	l.mu.Lock()
	l.owned = owned
	l.confirmed = time.Time{}
	l.mu.Unlock()

	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Held reports whether this instance may produce at now.
func (l *lease) Held(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned && fresh(l.confirmed, now)
}

// fresh reports whether a confirmation is recent by both clocks: the monotonic clock may stop while a
// laptop sleeps, and the wall clock may be set.
func fresh(confirmed, now time.Time) bool {
	return !confirmed.IsZero() && now.Sub(confirmed) < giveUpAfter && now.Round(0).Sub(confirmed.Round(0)) < giveUpAfter
}

// Run sends heartbeats until ctx ends, then leaves the group.
func (l *lease) Run(ctx context.Context) {
	defer l.client.Close()
	t := time.NewTicker(heartbeatEvery)
	defer t.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-t.C:
		}
		l.heartbeat(ctx)
	}
}

// heartbeat confirms the assignment with the broker.
func (l *lease) heartbeat(ctx context.Context) {
	l.mu.Lock()
	owned := l.owned
	l.mu.Unlock()
	if !owned {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, giveUpAfter)
	defer cancel()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group = l.group
	req.MemberID, req.Generation = l.client.GroupMetadata()

	// The lease counts from the request, not from the response, which may take seconds to arrive.
	sent := time.Now()
	resp, err := req.RequestWith(ctx, l.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}

	// A cooperative member keeps its partitions during a rebalance until they are revoked (KIP-429).
	if err != nil && err != kerr.RebalanceInProgress { //nolint:errorlint // kerr's errors are values
		l.log.Debug("lease heartbeat failed", "error", err)
		return
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owned {
		l.confirmed = sent
	}
}
