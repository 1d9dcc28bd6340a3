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

// Times of the lease. A holder gives up well before the broker gives the lease to another.
const (
	sessionTimeout = 6 * time.Second
	giveUpAfter    = 4 * time.Second
	heartbeatEvery = time.Second
)

// A lease is the ownership of one partition within a consumer group, together with the proof that
// the broker still thinks so: owning alone is no fence, for a process that slept does not know that
// it was replaced. So each second it asks for itself whether its membership stands.
type lease struct {
	client *kgo.Client
	group  string
	topic  string
	wake   chan struct{}
	log    *slog.Logger

	mu    sync.Mutex
	owned bool
	good  time.Time // when the last question that was answered well was sent; zero for none
}

// newLease joins the group. The partition's records are not read.
func newLease(opts []kgo.Opt, group, topic string, log *slog.Logger) (*lease, error) {
	l := &lease{group: group, topic: topic, wake: make(chan struct{}, 1), log: log}
	own := func(owned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, parts map[string][]int32) {
			if len(parts[topic]) > 0 {
				l.set(owned)
			}
		}
	}
	client, err := kgo.NewClient(append(opts,
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.SessionTimeout(sessionTimeout), kgo.RebalanceTimeout(sessionTimeout), kgo.HeartbeatInterval(heartbeatEvery),
		kgo.DisableAutoCommit(), kgo.OnPartitionsAssigned(own(true)),
		kgo.OnPartitionsRevoked(own(false)), kgo.OnPartitionsLost(own(false)),
	)...)
	if err != nil {
		return nil, err
	}
	client.PauseFetchTopics(topic)
	l.client = client
	return l, nil
}

func (l *lease) set(owned bool) {
	l.mu.Lock()
	l.owned, l.good = owned, time.Time{}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Held reports whether this instance may produce at a moment.
func (l *lease) Held(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned && fresh(l.good, now)
}

// fresh reports whether an answer is young enough by both clocks: the monotonic one may stand still
// while a laptop sleeps, and the wall clock may be set.
func fresh(good, now time.Time) bool {
	return !good.IsZero() && now.Sub(good) < giveUpAfter && now.Round(0).Sub(good.Round(0)) < giveUpAfter
}

// Run asks the broker each second until ctx ends, then leaves the group.
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
		l.ask(ctx)
	}
}

// ask proves the ownership anew.
func (l *lease) ask(ctx context.Context) {
	l.mu.Lock()
	owned := l.owned
	l.mu.Unlock()
	if !owned {
		return
	}
	member, generation := l.client.GroupMetadata()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = l.group, member, generation
	ctx, cancel := context.WithTimeout(ctx, giveUpAfter)
	defer cancel()
	sent := time.Now()
	resp, err := req.RequestWith(ctx, l.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	// While the group rebalances, a cooperative member keeps what it owns until it is told.
	if err != nil && err != kerr.RebalanceInProgress { //nolint:errorlint // kerr's errors are values
		l.log.Debug("heartbeat of the lease", "error", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owned {
		l.good = sent
	}
}
