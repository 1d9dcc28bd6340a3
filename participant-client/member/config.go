// Package member is one process's share of a consumer group: members that join, read, commit, leave
// and crash by command, and that report what happens to them. What is made of a record is left to the
// pipeline, and what people see of it to the screen and the report.
package member

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Assignors that a group can be asked for. Server is KIP-848: the broker assigns.
const (
	Range             = "range"
	RoundRobin        = "roundrobin"
	CooperativeSticky = "cooperative-sticky"
	Server            = "server"
)

// classicAssignors are those of them that members agree on by name.
var classicAssignors = []string{Range, RoundRobin, CooperativeSticky}

// Heartbeat is how often a classic member says that it lives, and so how soon the others learn that
// one has left.
const Heartbeat = time.Second

// Config is what all members of a crew have in common.
type Config struct {
	Kafka kafka.Config
	Group string
	Topic string
	// ClientID goes before -<instance> in each member's client id: team-7-laptop gives team-7-laptop-1.
	ClientID string

	Assignor       string
	From           string        // earliest or latest, for partitions without a commit
	SessionTimeout time.Duration // classic groups only: the broker's setting rules with Server
	Manual         bool          // commit after each processed batch instead of every CommitInterval
	CommitInterval time.Duration
	Slow           time.Duration // wait for each record, 0 to not
	MaxRecords     int64         // leave after this many records of all members together, 0 for no end

	// Handler, if any, makes of each batch the records that have to be acknowledged before the batch's
	// offsets are committed.
	Handler Handler
	// TransactionalID, if any, turns on exactly once; it gives each instance an id of its own.
	TransactionalID func(instance int) string
}

// A Handler is what a team's program does with records: it returns what is to be published for them.
// Members call it at the same time, each with its own instance.
type Handler interface {
	Handle(instance int, records []*kgo.Record) []*kgo.Record
}

// A Sink receives what happens to members and what they read. Event is called with one event at a time, in order.
// Records gets a batch of one partition; members call it at the same time, and the records are not to be kept.
// Flush returns once all records that were passed to Records are written. After an error some of them are not, and
// never will be. Members commit, publish and count only what was flushed. All three hold up the member that calls.
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
		return fmt.Errorf("--group is emptySince: give --team N or --group NAME")
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
