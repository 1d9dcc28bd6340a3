package pipeline

import (
	"context"
	"errors"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A closedSink is a pipe that nobody reads any more.
type closedSink struct{ read chan struct{} }

func (closedSink) Event(member.Event) {}
func (s closedSink) Records(int, []*kgo.Record) {
	select {
	case s.read <- struct{}{}:
	default:
	}
}
func (closedSink) Flush() error { return errors.New("closed") }

// Records whose lines were not written lead to no action, no commit and no count.
func TestNothingIsMadeOfWhatWasNotWritten(t *testing.T) {
	for name, exactlyOnce := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKilling(t, exactlyOnce) // for its topics and its producer
			k.stop()
			k.produce(t.Context(), 100, func(int) {})
			k.cfg.Group += "-closed"

			sink := closedSink{read: make(chan struct{}, 1)}
			stats := &Stats{Sink: sink, Team: "team-1", Topic: k.cluster.Stats(1), Instance: instanceName}
			k.cluster.CreateTopic(t, stats.Topic, 1, nil)
			group, err := member.New(k.cfg, stats, nil)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() { ended <- group.Run(ctx, 1) }()
			wait(t, sink.read)
			stats.group = group
			for _, m := range group.Snapshot().Members {
				stats.publish(m, false)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}

			adm := k.cluster.Admin(t)
			if n := len(k.actions(kgo.ReadCommitted())); n > 0 {
				t.Errorf("%d actions of records that were not written", n)
			}
			commits, err := adm.FetchOffsets(t.Context(), k.cfg.Group)
			if err != nil {
				t.Fatal(err)
			}
			commits.Each(func(o kadm.OffsetResponse) {
				if o.At > 0 {
					t.Errorf("partition %d is committed at %d", o.Partition, o.At)
				}
			})
			if got := stats.written; len(got) > 0 && got[1].processed > 0 {
				t.Errorf("stats count %+v", got)
			}
		})
	}
}

func instanceName(int) string { return "one" }

func wait(t *testing.T, signal <-chan struct{}) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(30 * time.Second):
		t.Fatal("no record is read")
	}
}
