package control

import (
	"log/slog"
	"time"

	"kafka-workshop/internal/workshop"
)

// applyWanted applies the last change that the leaderboard asked for, unless a holder has done so
// already: the status names the record by its offset. A change that the dial rejects is answered with
// the reason and not tried again.
func (c *Controller) applyWanted(now time.Time) {
	w := c.reader.State().wanted
	if w == nil || c.answered != nil && *c.answered >= w.offset {
		return
	}

	err := c.applyLoad(now, w.Wanted)
	c.answered, c.wantedError = &w.offset, ""
	if err != nil {
		c.wantedError = err.Error()
		c.setNote(slog.LevelWarn, "The load that %s asks for cannot be set: %s.", w.Reason, err)
		return
	}
	c.setNote(slog.LevelInfo, "The load was set by %s.", w.Reason)
}

// applyLoad changes nothing if a part is out of bounds.
func (c *Controller) applyLoad(now time.Time, w workshop.Wanted) error {
	if w.Load != nil {
		if err := w.Load.Apply(c.dial.Now(now).Load).Validate(); err != nil {
			return err
		}
	}
	if w.Ramp != nil {
		if err := w.Ramp.Validate(); err != nil {
			return err
		}
	}

	if w.Burst != nil { // first: its bound depends on what is still to be sent
		if err := c.dial.Burst(*w.Burst); err != nil {
			return err
		}
	}
	if w.Load != nil {
		if err := c.dial.Set(now, *w.Load); err != nil {
			return err
		}
	}
	if w.Ramp != nil {
		return c.dial.StartRamp(now, *w.Ramp)
	}
	return nil
}
