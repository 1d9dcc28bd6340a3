package member

import (
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
)

// restore makes the Keeper read the state of the fetched partitions that it does not have yet. It returns false if the
// member is to leave first: then the records must not be processed.
func (m *member) restore(fetches kgo.Fetches) bool {
	keeper, ok := m.cfg.Handler.(Keeper)
	if !ok {
		return true
	}
	wanted := m.unrestored(fetches)
	if len(wanted) == 0 {
		return true
	}

	for try := 1; ; try++ {
		found, err := keeper.Restore(m.active, m.cl, m.instance, wanted)
		if err == nil {
			m.restored(wanted)
			m.group.emit(Event{Kind: Restored, Instance: m.instance, Partitions: wanted, Offsets: found.Next, Count: found.Count})
			return true
		}
		if m.active.Err() != nil {
			return false
		}

		m.group.reportFault(m.instance, fault.Fault{Text: "Cannot read the counts of before: " + err.Error() + ". Trying again."}, wanted...)
		if !kafka.Sleep(m.active, min(time.Duration(try)*200*time.Millisecond, 2*time.Second)) {
			return false
		}
	}
}

// unrestored returns the partitions whose state the Keeper does not have yet: none, unless one of them has records in
// the batch.
func (m *member) unrestored(fetches kgo.Fetches) []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	needed := false
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		l := m.owned[p.Partition]
		needed = needed || l != nil && !l.restored && len(p.Records) > 0
	})
	if !needed {
		return nil
	}

	var out []int32
	for _, p := range sorted(m.owned) {
		if !m.owned[p].restored {
			out = append(out, p)
		}
	}
	return out
}

func (m *member) restored(partitions []int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range partitions {
		if l := m.owned[p]; l != nil {
			l.restored = true
		}
	}
}

// stateRecords returns the records to publish before the offsets of partitions are committed.
func (m *member) stateRecords(partitions []int32) []*kgo.Record {
	keeper, ok := m.cfg.Handler.(Keeper)
	if !ok || len(partitions) == 0 {
		return nil
	}

	id, _ := m.cl.GroupMetadata()
	m.mu.Lock()
	var kept []int32
	for _, p := range partitions {
		if l := m.owned[p]; l != nil && l.restored {
			kept = append(kept, p)
		}
	}
	m.mu.Unlock()
	return keeper.State(m.instance, id, kept)
}
