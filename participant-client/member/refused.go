package member

import (
	"context"
	"errors"
	"strings"
	"time"

	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/group"

	"github.com/twmb/franz-go/pkg/kerr"
)

// OnGroupManageError is told by the library why a member fell out of its group.
func (m *member) OnGroupManageError(err error) {
	if m.run.Err() != nil || rebalances(err) || errors.Is(err, context.Canceled) {
		return
	}
	if f := m.refused(err); f.Text != "" {
		m.crew.report(m.instance, f)
	}
}

// refused names why the group does not take the member. Empty for what the watch says better.
func (m *member) refused(err error) fault.Fault {
	name := m.cfg.Group
	switch {
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		if runs := m.groupRuns(); runs != "" && runs != m.cfg.Assignor {
			return fatal("%s uses %s: start yours with --assignor %s.", name, runs, runs)
		}
		return fatal("%s runs another assignor than %s: ask your colleagues which, and start yours with the same --assignor.", name, m.cfg.Assignor)
	case m.cfg.Assignor == Server && errors.Is(err, kerr.GroupIDNotFound):
		return fatal("%s is a classic group with members in it: start yours with --assignor %s, or stop them all first.", name, m.groupRunsOr(Range))
	case m.cfg.Assignor == Server && !isKafka(err) && isTooOld(err), m.cfg.Assignor == Server && errors.Is(err, kerr.UnsupportedVersion):
		return fatal("This broker has no KIP-848 groups, so --assignor server can't be had: start with --assignor range.")
	case errors.Is(err, kerr.UnsupportedAssignor):
		return fatal("This broker does not offer the range assignor for KIP-848 groups: start with --assignor range.")
	case isKafka(err):
		return faultOf(err, "join "+name, m.cfg)
	}
	return fault.Fault{} // no answer from the broker
}

// groupRuns asks which assignor the group runs, in the words of --assignor.
func (m *member) groupRuns() string {
	for range 10 {
		ctx, cancel := context.WithTimeout(m.run, sweepWithin)
		g, err := group.Look(ctx, m.crew.Client(), m.cfg.Group)
		cancel()
		if err == nil && g.Kind == group.Consumer {
			return Server
		}
		if err == nil && g.Assignor != "" {
			return g.Assignor
		}
		if !wait(m.run, 200*time.Millisecond) { // no assignor shows while the group rebalances
			break
		}
	}
	return ""
}

func (m *member) groupRunsOr(otherwise string) string {
	if runs := m.groupRuns(); runs != "" {
		return runs
	}
	return otherwise
}

// isTooOld recognises the library's words for a request that the broker, or this client, does not have.
func isTooOld(err error) bool {
	text := err.Error()
	return strings.Contains(text, "broker is too old") || strings.Contains(text, "request key is unknown")
}
