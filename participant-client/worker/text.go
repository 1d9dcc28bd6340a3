package worker

import (
	"fmt"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
)

// String returns an event in words, on one line.
func (e Event) String() string {
	who := fmt.Sprintf("worker %d", e.Worker)
	name := e.Record.Name()
	switch e.Kind {
	case Acquired:
		return fmt.Sprintf("%s took %s, locked for %s", who, name, seconds(e.Lock))
	case Redelivered:
		return fmt.Sprintf("%s took %s: delivery %d, locked for %s", who, name, e.Record.Delivery, seconds(e.Lock))
	case Accepted:
		return e.accepted(who, name)
	case Rejected:
		return fmt.Sprintf("%s rejected %s%s: it is never delivered again", who, name, because(e.Reason))
	case Released:
		return fmt.Sprintf("%s gave back %s%s: after delivery %d", who, name, because(e.Reason), e.Record.Delivery)
	case Renewed:
		return fmt.Sprintf("%s renewed its locks for another %s while it works on %s", who, seconds(e.Lock), name)
	case Lost:
		return e.lost(who, name)
	case LockDiffers:
		return fmt.Sprintf("the group locks a record for %s (share.record.lock.duration.ms); with --lock %s, a worker %s",
			seconds(e.Lock), e.Reason, e.byLock())
	case Member:
		return e.member(who)
	case Closed:
		return e.closed(who)
	}
	return e.Text
}

func (e Event) accepted(who, name string) string {
	text := fmt.Sprintf("%s accepted %s after %d ms", who, name, e.Took.Milliseconds())
	if e.Record.Delivery > 1 {
		text += fmt.Sprintf(", delivery %d", e.Record.Delivery)
	}
	if e.After >= 0 {
		text += fmt.Sprintf("; offset %d was accepted before it", e.After)
	}
	return text
}

func (e Event) lost(who, name string) string {
	if e.Reason == OfLock {
		return fmt.Sprintf("%s was too late for %s: the lock had ended, and others get it", who, name)
	}
	return fmt.Sprintf("%s lost %s with its share session: others get it", who, name)
}

// byLock describes what Config.Lock, which the reason holds, means with the broker's lock.
func (e Event) byLock() string {
	if own, err := time.ParseDuration(e.Reason); err == nil && own > e.Lock {
		return "renews the lock until then"
	}
	return "gives a record back earlier"
}

func (e Event) member(who string) string {
	if e.Worker == 0 {
		who = workshop.CleanText(e.Member.ClientID, 60)
	}
	if e.Gone {
		return who + " is no longer in the group"
	}
	return who + " is in the group"
}

func (e Event) closed(who string) string {
	switch {
	case e.Worker == 0:
		return "done: " + e.Last.String()
	case e.Reason == Crashed && e.Poison:
		return who + " died of a poison job; another worker starts in its place"
	case e.Reason == Crashed:
		return who + " crashed"
	case e.Reason == Failed:
		return who + " could not leave the group: it counts as a member until its session times out"
	}
	return who + " left"
}

// String returns the outcomes of the records in words.
func (c Counts) String() string {
	parts := []string{fmt.Sprintf("accepted %d", c.Processed)}
	for _, more := range []struct {
		count int64
		what  string
	}{{c.Redelivered, "%d of them delivered before"}, {c.Rejected, "rejected %d"}, {c.Released, "gave back %d"}, {c.Lost, "lost %d"}} {
		if more.count > 0 {
			parts = append(parts, fmt.Sprintf(more.what, more.count))
		}
	}
	return strings.Join(parts, ", ")
}

func because(reason string) string {
	switch reason {
	case OfPoison:
		return ", which cannot be done"
	case OfLock:
		return ", held for as long as it may be"
	case OnLeaving:
		return " on leaving"
	}
	return ""
}

// seconds formats a duration of seconds: 15 s, or 1.5 s.
func seconds(d time.Duration) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
}
