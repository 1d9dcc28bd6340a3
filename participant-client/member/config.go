package member

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Assignors that can be requested for a group. Server is KIP-848: the broker assigns.
const (
	Range             = "range"
	RoundRobin        = "roundrobin"
	CooperativeSticky = "cooperative-sticky"
	Server            = "server"
)

// classicAssignors are those that the members of a classic group agree on by name.
var classicAssignors = []string{Range, RoundRobin, CooperativeSticky}

// Heartbeat is the interval of heartbeats in classic groups, and so how soon members learn that one has left.
const Heartbeat = time.Second

// Config is what the members of a Group have in common.
type Config struct {
	Kafka kafka.Config
	Group string
	Topic string
	// ClientID goes before -<instance> in each member's client id: team-7-laptop-4711 gives team-7-laptop-4711-1.
	ClientID string

	Assignor       string
	From           string        // earliest or latest, for partitions without a commit
	SessionTimeout time.Duration // classic groups only: with Server, the broker's setting applies
	Manual         bool          // commit after each processed batch instead of every CommitInterval
	CommitInterval time.Duration
	Slow           time.Duration // delay for each record; 0 for none
	MaxRecords     int64         // leave after this many records of all members together, 0 for no end

	// Handler, if not nil, returns for each record those that must be acknowledged before its offset is committed.
	Handler Handler

	// TransactionalID, if not nil, turns on exactly once. It returns a different ID for each instance.
	TransactionalID func(instance int) string
}

// A Handler is what a team's program does with a record: it returns the records to publish. Members call it
// concurrently, each with its own instance.
type Handler interface {
	Handle(instance int, r *kgo.Record) []*kgo.Record
}

// A Keeper is a Handler that keeps state about each partition, from which the next owner continues.
type Keeper interface {
	Handler

	// Restore reads the state that previous owners have published. Members call it before the first records of
	// partitions that they were assigned, and again after an error.
	Restore(ctx context.Context, client *kgo.Client, instance int, partitions []int32) (Restoration, error)

	// State returns records with the state of partitions, which must be acknowledged before their offsets are committed.
	State(instance int, memberID string, partitions []int32) []*kgo.Record
}

// A Restoration is where a Keeper continues.
type Restoration struct {
	Next  map[int32]int64 // by partition: the records below it are in the state; -1 for no state yet
	Count int64           // the records that the state covers
}

// A Sink receives what happens to members and what they read. All three methods block the calling member.
//
// Event is called with one event at a time, in order. Records is called concurrently, with a batch of one partition that must
// not be kept. Flush returns once everything that was passed to Records is written; after an error some of it is not and never
// will be. Members commit, publish and count only what was flushed.
type Sink interface {
	Event(Event)
	Records(instance int, records []*kgo.Record)
	Flush() error
}

// Validate names the flag at fault.
func (c Config) Validate() error {
	known := append(slices.Clone(classicAssignors), Server)
	switch {
	case c.Group == "":
		return fmt.Errorf("--group is empty: give --team N or --group NAME")
	case c.Topic == "":
		return fmt.Errorf("--topic is empty")
	case !slices.Contains(known, c.Assignor):
		return fmt.Errorf("--assignor %q: use one of %s", c.Assignor, strings.Join(known, ", "))
	case c.From != "earliest" && c.From != "latest":
		return fmt.Errorf("--from %q: use earliest or latest", c.From)
	case c.Assignor != Server && (c.SessionTimeout < 2*Heartbeat || c.SessionTimeout > 30*time.Minute):
		return fmt.Errorf("--session-timeout %v: use 6s to 30m (less than 6s only where the broker allows it, never below 2s)", c.SessionTimeout)
	case !c.Manual && c.CommitInterval < 100*time.Millisecond:
		return fmt.Errorf("--commit-interval %v: use 100ms or more", c.CommitInterval)
	case c.Slow < 0:
		return fmt.Errorf("--slow %v: use 0 or more", c.Slow)
	case c.MaxRecords < 0:
		return fmt.Errorf("--max-records %d: use 1 or more", c.MaxRecords)
	}
	if err := c.Kafka.Validate(); err != nil {
		return err
	}
	_, err := c.Kafka.TLSConfig()
	return err
}
