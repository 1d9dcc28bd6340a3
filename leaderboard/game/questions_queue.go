package game

import (
	"fmt"
	"time"
)

// Kinds of questions of the queues lesson, besides AskIdle, which is about its consumer group.
const (
	AskCrew   = "crew"   // who gets records once there are more workers than partitions
	AskOrder  = "order"  // whether records are done in the order of their offsets
	AskReturn = "return" // where the records of a killed worker go
)

const (
	hearWithin = 3 * time.Second  // the maximum age of a worker's last report; it reports every second
	quietFor   = 20 * time.Second // no record was accepted again for this long: what comes back then is the killed worker's
)

// The right options: the judge answers with these or not at all.
const (
	crewAll      = 1
	orderNone    = 2
	returnAtOnce = 2
)

func crewOptions(partitions int) []option {
	return []option{
		{fmt.Sprintf("%d of them: one for each partition", partitions), "no more workers can work than there are partitions"},
		{"All of them: each takes the next free jobs", "every worker of a share group gets jobs"},
		{"All of them, and each gets every job", "every worker gets every job"},
		{"The newcomer waits until another leaves", "a worker that joins has to wait until another leaves"},
	}
}

var (
	orderOptions = []option{
		{"Yes, a partition always keeps its order", "a partition keeps its order, whoever reads it"},
		{"Yes, until a worker dies", "only a crash loses the order"},
		{"No, a later job can be done first", "a share group keeps no order"},
	}
	returnOptions = []option{
		{"Nowhere: they are lost", "the jobs of a worker die with it"},
		{"To others, after the group has missed it", "the jobs of a dead worker wait until the group has missed it"},
		{"To others, before the group has missed it", "the jobs of a dead worker come back before the group misses it"},
		{"To the same worker, when it is back", "jobs wait for the worker that took them"},
	}
)

// fillQueue sets text and options of a question about a share group, and returns why it cannot be asked.
func (r *Room) fillQueue(q *Question, t *teamState) (why string) {
	n, partitions := len(t.Members), r.partitions()
	if why = r.unheard(t); why != "" {
		return why
	}

	has := fmt.Sprintf("%s has %s for %s.", t.name, countOf(n, "worker"), countOf(partitions, "partition"))
	switch q.Kind {
	case AskCrew:
		if n < partitions {
			return fmt.Sprintf("%s has fewer workers than there are partitions", t.name)
		}
		q.Text = has + " One more joins: who gets jobs?"
		q.offer(crewOptions(partitions)...)
	case AskOrder:
		if fewest, most := t.takers(partitions); fewest < 1 || most < 2 {
			return fmt.Sprintf("no two workers of %s share a partition", t.name)
		}
		q.Text = has + " Are the jobs of a partition done in the order of their offsets?"
		q.offer(orderOptions...)
	case AskReturn:
		if fewest, _ := t.takers(partitions); fewest < 2 {
			return fmt.Sprintf("%s has a partition that only one worker takes from: what that one holds would have to wait", t.name)
		}
		if !t.againAt.IsZero() && r.asOf.Sub(t.againAt) < quietFor {
			return "jobs came back to " + t.name + " only just now: wait a little"
		}
		q.Text = has + " One is killed: where do the jobs go that it held?"
		q.offer(returnOptions...)
	}
	return ""
}

// fillBeside does the same for the consumer group beside the share group.
func (r *Room) fillBeside(q *Question, t *teamState) (why string) {
	n, group := r.partitions(), r.setup.Beside(t.team)
	switch {
	case !r.topic.fresh || !t.besideAt.Equal(r.asOf) || t.besideState != "Stable":
		return group + " is rebalancing, or has no member"
	case owners(t.beside) != n || len(t.beside) != n:
		return fmt.Sprintf("%s, the consumer group, has not exactly one member for each partition", group)
	}
	q.Text = fmt.Sprintf("The consumer group %s has a member for each of the %d partitions. One more joins: what happens?", group, n)
	q.offer(idleOptions...)
	return ""
}

// unheard returns why the workers' actions cannot be observed; empty if they can. Only the workers' own reports show which of
// them did a job.
func (r *Room) unheard(t *teamState) string {
	for _, m := range t.Members {
		w := t.workers[m.ID]
		switch {
		case w == nil || r.asOf.Sub(w.heardAt) > hearWithin:
			return fmt.Sprintf("worker %s of %s does not report what it does", sign(m.Colour), t.name)
		case !t.working(m.ID, r.asOf):
			return fmt.Sprintf("worker %s of %s has accepted no job lately", sign(m.Colour), t.name)
		}
	}
	return ""
}

// takers returns how many workers receive records of a partition: the fewest and the most of any partition.
func (t *teamState) takers(partitions int) (fewest, most int) {
	count := make([]int, partitions)
	for _, m := range t.Members {
		for _, p := range m.Takes {
			if p >= 0 && int(p) < partitions {
				count[p]++
			}
		}
	}
	for p, n := range count {
		if p == 0 || n < fewest {
			fewest = n
		}
		most = max(most, n)
	}
	return fewest, most
}
