package member

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
)

// OnGroupManageError is called by the library with the reason why a member fell out of its group.
func (m *member) OnGroupManageError(err error) {
	m.reportLoss(err)
	if m.active.Err() != nil || rebalances(err) || errors.Is(err, context.Canceled) {
		return
	}
	if f := m.joinFault(err); f.Text != "" {
		m.group.reportFault(m.instance, f)
	}
}

// joinFault explains why the group does not admit the member. It is empty for errors that the watch explains better.
func (m *member) joinFault(err error) fault.Fault {
	name := m.cfg.Group
	switch {
	case errors.Is(err, kerr.InconsistentGroupProtocol), errors.Is(err, kerr.GroupIDNotFound): // brokers differ in which
		return m.groupMismatch(m.describeGroup())
	case m.cfg.Assignor == Server && kafka.Unsupported(err):
		return fatal("This broker has no KIP-848 groups, so --assignor server can't be had: start with --assignor range.")
	case errors.Is(err, kerr.UnsupportedAssignor):
		return fatal("This broker does not offer the range assignor for KIP-848 groups: start with --assignor range.")
	case errors.Is(err, kerr.CoordinatorNotAvailable), errors.Is(err, kerr.CoordinatorLoadInProgress):
		return fault.Fault{} // the watch finds out why
	case isKafka(err):
		return faultOf(err, "join "+name, m.cfg)
	}
	return fault.Fault{} // no answer from the broker
}

// groupMismatch explains how the group differs from what the member was started for.
func (m *member) groupMismatch(g *group.Group) fault.Fault {
	name := m.cfg.Group
	switch {
	case g.Protocol == group.Share:
		return fatal("%v: members of a consumer group need another --group, and workers --lesson queues.", g.CheckType(false))
	case g.Protocol == group.Consumer && m.cfg.Assignor != Server:
		return fatal("%s is a KIP-848 group, where the broker assigns: start yours with --assignor %s.", name, Server)
	case g.Assignor == m.cfg.Assignor, g.Assignor == "", g.Protocol == group.Consumer:
		return fatal("%s runs another assignor than %s: ask your colleagues which, and start yours with the same --assignor.", name, m.cfg.Assignor)
	case !slices.Contains(classicAssignors, g.Assignor):
		return fatal("%s uses %s, which this client does not have: all its members need one of %s.", name, g.Assignor, strings.Join(classicAssignors, ", "))
	case m.cfg.Assignor == Server:
		return fatal("%s is a classic group with members in it: start yours with --assignor %s, or stop them all first.", name, g.Assignor)
	}
	return fatal("%s uses %s: start yours with --assignor %s.", name, g.Assignor, g.Assignor)
}

// describeGroup describes the group, repeatedly while it rebalances and shows no assignor.
func (m *member) describeGroup() *group.Group {
	for range 10 {
		ctx, cancel := context.WithTimeout(m.active, lookTimeout)
		g, err := group.Describe(ctx, m.group.Client(), m.cfg.Group)
		cancel()
		if err == nil && (g.Protocol == group.Share || g.Assignor != "") {
			return g
		}
		if !kafka.Sleep(m.active, 200*time.Millisecond) {
			break
		}
	}
	return &group.Group{}
}
