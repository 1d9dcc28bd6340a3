package member

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// leaveWithin bounds how long leaving takes, so that Ctrl+C ends the process also when the broker is away, or accepts
// connections and answers nothing. Then the client's context ends: the library does not end every request with its own.
const leaveWithin = 2500 * time.Millisecond

// leaveAfter is how long the library may take to leave the group.
const leaveAfter = time.Second

// endCrashed breaks the connections and does nothing else, like a process that is killed.
func (m *member) endCrashed() {
	m.cl.CloseAllowingRebalance()
	m.mu.Lock()
	m.explainUncommitted(sorted(m.owned), Crashed)
	m.mu.Unlock()

	m.flush()
	last := m.status()
	m.group.addTotals(last)
	m.group.emit(Event{Kind: Closed, Instance: m.instance, Reason: Crashed, Partitions: m.ownedNow(), Last: &last})
}

// endLeaving makes a last commit and leaves the group.
func (m *member) endLeaving() {
	m.setState(Leaving)
	owned := m.ownedNow()
	commit, _ := m.commitLast(m.ctx, owned) // reported by commitLast itself
	last := m.status()
	m.group.addTotals(last)
	err := m.leaveGroup(last.MemberID)
	m.cancel()
	m.cl.CloseAllowingRebalance()
	m.flush()
	m.setState(Gone)

	if m.isRetired() && m.group.restart(m) {
		return
	}
	m.group.removeMember(m)
	e := Event{Kind: Closed, Instance: m.instance, Reason: Left, Partitions: owned, Commit: commit, Last: &last}
	if err != nil {
		e.Reason = Failed
	}
	m.group.emit(e)
}

// leaveGroup leaves the group. The library first waits for a rebalance to end, which takes a whole session timeout if a
// member has crashed; so after a moment leaveGroup sends LeaveGroup without the library.
func (m *member) leaveGroup(id string) error {
	ctx, cancel := context.WithTimeout(m.ctx, leaveAfter)
	defer cancel()
	err := m.cl.LeaveGroupContext(ctx)
	if err == nil || id == "" || m.cfg.Assignor == Server {
		return err
	}

	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = m.cfg.Group
	me := kmsg.NewLeaveGroupRequestMember()
	me.MemberID = id
	req.Members = append(req.Members, me)
	req.MemberID = id // what brokers before 2.4 read
	resp, err := req.RequestWith(m.ctx, m.group.Client())
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

func (m *member) leave() { m.deactivate() }

func (m *member) crash() {
	m.mu.Lock()
	m.state = Dead
	m.crashed = time.Now()
	m.mu.Unlock()
	m.cancel()
}
