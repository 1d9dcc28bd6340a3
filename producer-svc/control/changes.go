package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
)

// MaxPartitions is the largest number of partitions that SetPartitions accepts.
const MaxPartitions = 100

// A FewerPartitionsError rejects a number of partitions below the topic's.
type FewerPartitionsError struct{ Have int }

func (e FewerPartitionsError) Error() string {
	return fmt.Sprintf("count: the topic has %d partitions, and Kafka cannot remove partitions", e.Have)
}

// Set changes the load.
func (c *Controller) Set(p workshop.LoadPatch) error {
	return c.change(func(now time.Time) error { return c.dial.Set(now, p) })
}

// StartRamp moves the rate to another, linearly over a duration.
func (c *Controller) StartRamp(r workshop.Ramp) error {
	return c.change(func(now time.Time) error { return c.dial.StartRamp(now, r) })
}

// Burst adds records on top of the rate.
func (c *Controller) Burst(b workshop.Burst) error {
	return c.change(func(time.Time) error { return c.dial.Burst(b) })
}

// change applies a change to the dial and saves the load, if this instance holds it.
func (c *Controller) change(apply func(now time.Time) error) error {
	now := time.Now()
	if err := c.checkHolding(now); err != nil {
		return err
	}
	if err := apply(now); err != nil {
		return err
	}

	c.notify()
	c.waitSaved()
	return nil
}

// checkHolding returns a StandbyError unless this instance holds the load.
func (c *Controller) checkHolding(now time.Time) error {
	c.mu.Lock()
	holding := c.holding
	c.mu.Unlock()

	if !holding {
		return StandbyError{c.otherHolder(now)}
	}
	return nil
}

// waitSaved waits for an attempt to save the load, for a second at most: the load applies already, and
// report retries until it is saved.
func (c *Controller) waitSaved() {
	timeout := time.After(time.Second)
	done := make(chan struct{})
	select {
	case c.saveRequests <- done:
	case <-timeout:
		return
	}

	select {
	case <-done:
	case <-timeout:
	}
}

// SetPartitions adds partitions to the topic until it has count.
func (c *Controller) SetPartitions(ctx context.Context, count int) error {
	if err := c.checkHolding(time.Now()); err != nil {
		return err
	}
	if count < 1 || count > MaxPartitions {
		return workshop.FieldError{Field: "count", Reason: fmt.Sprintf("give 1 to %d", MaxPartitions)}
	}

	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	have, err := countPartitions(ctx, c.reader.client, c.topic)
	if err != nil || count == have {
		return err
	}
	if count < have {
		return FewerPartitionsError{have}
	}

	resp, err := c.admin.UpdatePartitions(ctx, count, c.topic)
	if err == nil {
		err = resp.Error()
	}
	if errors.Is(err, kerr.InvalidPartitions) {
		return FewerPartitionsError{have}
	}
	if err != nil {
		return fmt.Errorf("add partitions to %s: %w", c.topic, err)
	}

	c.meter.SetPartitions(count)
	c.setNote(slog.LevelWarn, "The topic %s has %d partitions now: every group rebalances, and keys move.", c.topic, count)
	return nil
}
