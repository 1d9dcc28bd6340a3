package member

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// OnGroupManageError is told by the library why a member fell out of its group.
func (m *member) OnGroupManageError(err error) {
	if m.run.Err() != nil || rebalances(err) || errors.Is(err, context.Canceled) {
		return
	}
	if f := m.refused(err); f.text != "" {
		m.crew.report(m.instance, f)
	}
}

// refused names why the group does not take the member. Empty for what the watch says better.
func (m *member) refused(err error) fault {
	group := m.cfg.Group
	switch {
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		if runs := m.groupRuns(); runs != "" && runs != m.cfg.Assignor {
			return fault{fmt.Sprintf("%s uses %s: start yours with --assignor %s.", group, runs, runs), true}
		}
		return fault{fmt.Sprintf("%s runs another assignor than %s: ask your colleagues which, and start yours with the same --assignor.", group, m.cfg.Assignor), true}
	case m.cfg.Assignor == Server && errors.Is(err, kerr.GroupIDNotFound):
		return fault{fmt.Sprintf("%s is a classic group with members in it: start yours with --assignor %s, or stop them all first.", group, m.groupRunsOr(Range)), true}
	case m.cfg.Assignor == Server && !isKafka(err) && isTooOld(err), m.cfg.Assignor == Server && errors.Is(err, kerr.UnsupportedVersion):
		return fault{"This broker has no KIP-848 groups, so --assignor server can't be had: start with --assignor range.", true}
	case errors.Is(err, kerr.UnsupportedAssignor):
		return fault{"This broker does not offer the range assignor for KIP-848 groups: start with --assignor range.", true}
	case isKafka(err):
		return faultOf(err, "join "+group, m.cfg)
	}
	return fault{} // no answer from the broker
}

// groupRuns asks which assignor the group runs, in the words of --assignor.
func (m *member) groupRuns() string {
	m.crew.mu.Lock()
	w := m.crew.watch
	m.crew.mu.Unlock()
	for range 10 {
		ctx, cancel := context.WithTimeout(m.run, sweepWithin)
		g, err := w.describe(ctx)
		cancel()
		if err == nil && g.Protocol == "consumer" {
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
