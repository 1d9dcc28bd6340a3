package fault

import (
	"context"
	"log/slog"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Outside is a process's connection outside of its group: to describe the group, and to publish beside the members.
type Outside struct {
	Client *kgo.Client
	Connections
}

// Open makes the connection, which ends with ctx.
func (o *Outside) Open(ctx context.Context, cfg kafka.Config, clientID string, log *slog.Logger) error {
	opts, err := cfg.Opts(clientID, log)
	if err != nil {
		return err
	}
	o.Client, err = kgo.NewClient(append(opts, kgo.WithContext(ctx), kgo.WithHooks(&o.Connections), kgo.MetadataMaxAge(5*time.Second),
		kgo.RecordDeliveryTimeout(10*time.Second), kgo.ProducerLinger(0), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	return err
}

// StoodStill reports whether a look ended much later than its deadline: the process was stopped, or the laptop slept.
// It uses the wall clock, because the monotonic one stops while a laptop sleeps.
func StoodStill(began time.Time, deadline time.Duration) bool {
	return time.Now().Round(0).Sub(began.Round(0)) > deadline+2*time.Second
}

// Close flushes what was published, for at most this long, and closes the connection.
func (o *Outside) Close(within time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	_ = o.Client.Flush(ctx) // best effort: nobody waits for it
	o.Client.Close()
}
