package member

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
)

// If a member is busy with a record when another joins, the group waits for it as long as RebalanceTimeout, and then
// continues without it, although its heartbeats continue.
func TestARebalanceGoesOnWithoutASlowMember(t *testing.T) {
	t.Parallel()
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.Slow = 4 * RebalanceTimeout
	c.CreateTopic(t, cfg.Topic, 2, nil)
	produce(t, c, cfg.Topic, 20, func(int) string { return "x" })
	r := start(t, cfg, 1)
	r.heard.until(t, "the first member", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })

	began := time.Now()
	cfg.Slow = 0
	other := start(t, cfg, 1)
	other.heard.until(t, "the second to own everything", func([]Event, map[string]int) bool { return slices.Equal(other.shares(2), []int{2}) })
	if took := time.Since(began); took < RebalanceTimeout/2 {
		t.Errorf("the group went on without it after %v", took)
	}
}
