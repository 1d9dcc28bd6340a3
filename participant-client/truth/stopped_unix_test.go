//go:build unix

package truth

import (
	"syscall"
	"time"
)

func init() { scenarios = append(scenarios, scenario{name: "stopped", partitions: 4, script: stopped}) }

// stopped: a process is stopped for longer than its session, like a laptop that sleeps, and continues.
func stopped(r *run) {
	ann := r.joinChild("ann")
	r.join("bob", 1)
	r.settled(2)
	r.committed()

	began := time.Now()
	r.signal(ann, syscall.SIGSTOP)
	r.waitOut(ann.client(1))
	r.settled(1, ann)
	r.gaps = append(r.gaps, gap{ann.cfg.ClientID, began, time.Now()})
	r.signal(ann, syscall.SIGCONT)
	r.settled(2)
}

func (r *run) signal(p *participant, s syscall.Signal) {
	r.t.Helper()
	if err := p.process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}
