package member

import (
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// RebalanceTimeout is how long a rebalance waits for a member that is busy with a batch.
const RebalanceTimeout = 15 * time.Second

// transactionTimeout is how long a transaction that a crash left open can block readers of committed records.
const transactionTimeout = 10 * time.Second

// options returns the options of a member's client.
func (m *member) options(log *slog.Logger) ([]kgo.Opt, error) {
	opts, err := m.cfg.Kafka.Opts(m.clientID, log)
	if err != nil {
		return nil, err
	}

	start := kgo.NewOffset().AtStart()
	if m.cfg.From == "latest" {
		start = kgo.NewOffset().AtEnd()
	}
	opts = append(opts,
		kgo.WithContext(m.ctx),
		kgo.WithHooks(m),
		kgo.ConsumerGroup(m.cfg.Group),
		kgo.ConsumeTopics(m.cfg.Topic),
		kgo.ConsumeResetOffset(start),
		kgo.HeartbeatInterval(Heartbeat),
		kgo.RebalanceTimeout(RebalanceTimeout),
		kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(m.onAssigned),
		kgo.OnPartitionsRevoked(m.onRevoked),
		kgo.OnPartitionsLost(m.onLost),
		kgo.OnOffsetsFetched(m.onOffsetsFetched),
		kgo.AdjustFetchOffsetsFn(m.adjustOffsets),
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.MetadataMaxAge(5*time.Second), // so that added partitions are noticed while the room watches
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	opts = append(opts, m.balancerOptions()...)
	if m.cfg.TransactionalID == nil {
		return append(opts, kgo.BlockRebalanceOnPoll()), nil
	}
	return append(opts,
		kgo.TransactionalID(m.cfg.TransactionalID(m.instance)),
		kgo.TransactionTimeout(transactionTimeout),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	), nil
}

// balancerOptions picks the assignor. The library silently falls back to a classic group if the broker has no KIP-848;
// without JoinGroup it cannot, and the fault is reported.
func (m *member) balancerOptions() []kgo.Opt {
	switch m.cfg.Assignor {
	case RoundRobin:
		return []kgo.Opt{kgo.Balancers(kgo.RoundRobinBalancer()), kgo.SessionTimeout(m.cfg.SessionTimeout)}
	case CooperativeSticky:
		return []kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.SessionTimeout(m.cfg.SessionTimeout)}
	case Server:
		versions := kversion.Stable()
		versions.SetMaxKeyVersion(int16(kmsg.JoinGroup), -1)
		return []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer(), kgo.MaxVersions(versions)}
	default:
		return []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.SessionTimeout(m.cfg.SessionTimeout)}
	}
}
