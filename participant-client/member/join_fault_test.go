package member

import (
	"context"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A foreignBalancer has an assignor name that no flag has, like some other clients.
type foreignBalancer struct{ kgo.GroupBalancer }

func (foreignBalancer) ProtocolName() string { return "RoundRobinAssigner" }

// Only values that the flag accepts are suggested.
func TestAnAssignorOfAnotherMake(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 5, nil)
	foreign := c.Client(t, kgo.ConsumerGroup(cfg.Group), kgo.ConsumeTopics(cfg.Topic), kgo.Balancers(foreignBalancer{kgo.RoundRobinBalancer()}))
	pollUntil(t, foreign, func() bool {
		g, err := group.Describe(t.Context(), foreign, cfg.Group)
		return err == nil && g.Assignor == "RoundRobinAssigner"
	})
	want := cfg.Group + " uses RoundRobinAssigner, which this client does not have: all its members need one of range, roundrobin, cooperative-sticky."
	if err := start(t, cfg, 1).wait(t); err == nil || err.Error() != want {
		t.Errorf("says %v, want %q", err, want)
	}
}

// A share group of that name is reported as such, whatever the assignor.
func TestAShareGroupOfTheName(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 5, nil)
	sharer := c.Client(t, kgo.ShareGroup(cfg.Group), kgo.ConsumeTopics(cfg.Topic))
	pollUntil(t, sharer, func() bool {
		g, err := group.Describe(t.Context(), sharer, cfg.Group)
		return err == nil && g.Protocol == group.Share
	})
	for _, assignor := range []string{Range, CooperativeSticky, Server} {
		cfg.Assignor = assignor
		err := start(t, cfg, 1).wait(t)
		if want := cfg.Group + " is a share group"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: says %v, want %q", assignor, err, want)
		}
	}
}

// pollUntil polls, which makes a client join, until a condition holds.
func pollUntil(t *testing.T, cl *kgo.Client, holds func() bool) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !holds() {
		if deadline.Err() != nil {
			t.Fatal("the group never gets there")
		}
		ctx, stop := context.WithTimeout(deadline, 50*time.Millisecond)
		cl.PollFetches(ctx)
		stop()
	}
}
