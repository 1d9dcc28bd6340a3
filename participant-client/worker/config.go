package worker

import (
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a worker does with a poison job, one that cannot be done: Config.OnPoison.
const (
	Reject  = "reject"  // tells the broker that nobody can do it: it is not delivered again
	Release = "release" // gives it back, so that it is delivered again, up to the broker's limit of deliveries
	Crash   = "crash"   // crashes, and another worker starts in its place
)

// Limits of Config.Lock.
const (
	minLock = time.Second
	maxLock = 10 * time.Minute
)

// Config is what the workers of a Group have in common.
type Config struct {
	Kafka kafka.Config
	Group string
	Topic string
	// ClientID goes before -<number> in each worker's client ID. It must differ from that of every other process: the watch
	// finds the members of this one by it.
	ClientID string

	// Lock is how long a worker may hold a record. How long the broker locks it is a setting of the group
	// (share.record.lock.duration.ms), which no member chooses: a worker that may hold a record for longer renews the lock
	// (KIP-1222), and one that may not gives it back before.
	Lock       time.Duration
	OnPoison   string
	MaxRecords int64 // leave when all workers together have worked on this many records; 0 for no end

	// Stats is the topic for the workers' counts, empty for none. Team and Instance name their team and each of them there.
	Stats    string
	Team     string
	Instance func(number int) string
}

// A Sink receives what happens to workers and their records. All three methods block the calling worker.
//
// Event is called with one event at a time, in order. Record is called concurrently, when the work on a record begins. Flush
// returns once everything that was passed to Record is written; after an error some of it is not and never will be.
type Sink interface {
	Event(Event)
	Record(worker int, r *kgo.Record)
	Flush() error
}

// Validate names the flag at fault.
func (c Config) Validate() error {
	switch {
	case c.Group == "":
		return fmt.Errorf("--group is empty: give --team N or --group NAME")
	case c.Topic == "":
		return fmt.Errorf("--topic is empty")
	case c.Lock < minLock || c.Lock > maxLock:
		return fmt.Errorf("--lock %v: use 1s to 10m", c.Lock)
	case !slices.Contains([]string{Reject, Release, Crash}, c.OnPoison):
		return fmt.Errorf("--on-poison %q: use reject, release or crash", c.OnPoison)
	case c.MaxRecords < 0:
		return fmt.Errorf("--max-records %d: use 1 or more", c.MaxRecords)
	}
	if err := c.Kafka.Validate(); err != nil {
		return err
	}
	_, err := c.Kafka.TLSConfig()
	return err
}
