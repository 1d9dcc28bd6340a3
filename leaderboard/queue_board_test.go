package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// What the pages show of a real crew is what the broker's admin API and the workers' own output show: lanes that nobody owns,
// who works, what waits, what came back after a kill, poison, the order, and the consumer group beside.
func TestTheBoardShowsTheQueue(t *testing.T) {
	q := newQueueClass(t)
	board, team := browsertest.Started(t, 10*time.Minute, nil), browsertest.Started(t, 10*time.Minute, nil)
	board.Open(t, q.program.url+"/", 1920, 1080)
	team.Open(t, q.program.url+"/teams/1", 390, 844)

	stop := q.feed(t)
	q.hire(t)
	q.hire(t)
	q.showsCrew(t, board, q.at(t, 2))
	q.earns(t, board, game.Connected)
	q.hire(t)
	q.showsCrew(t, board, q.at(t, 3))
	q.earns(t, board, game.Crew)
	q.showsNoOwners(t, board, team)
	q.burst(t)
	q.showsOrder(t, team)

	q.showsReturn(t, board)
	stop() // two workers cannot keep up with it, and poison is handled only when little waits
	q.showsPoison(t, board, team)
	q.showsBeside(t, team)
	q.showsBacklog(t, board, team)
	q.showsLoop(t, team)
	for _, e := range slices.Concat(board.Errors(), team.Errors()) {
		t.Error("a page's console:", e)
	}
}

// earns waits for a badge on the page.
func (q *queueClass) earns(t *testing.T, tab *browsertest.Tab, badge string) {
	t.Helper()
	wait.Until(t, "the badge "+badge+" in the page", func() bool {
		return slices.Equal(cells[string](t, tab, fmt.Sprintf("#t1 .mark[data-badge=%s]", badge), "c.dataset.got"), []string{"1"})
	})
}

// showsCrew compares the workers on the page with the broker's members. All of them work, and their shares add up to the
// whole.
func (q *queueClass) showsCrew(t *testing.T, tab *browsertest.Tab, l shareLook) {
	t.Helper()
	wait.For(t, "the workers in the page", func() error {
		shown := slices.Sorted(slices.Values(cells[string](t, tab, "#t1 [data-worker]", "c.dataset.worker")))
		working := cells[string](t, tab, "#t1 [data-worker][data-working='1']", "c.dataset.worker")
		percent := cells[int](t, tab, "#t1 [data-worker] i", "parseInt(c.textContent)")
		sum := 0
		for _, n := range percent {
			sum += n
		}
		if want := slices.Sorted(maps.Keys(l.members)); !slices.Equal(shown, want) || len(working) != len(want) || len(percent) != len(want) || sum < 98 || sum > 102 || slices.Min(percent) == 0 {
			return fmt.Errorf("the page has %q, of which %q work with %d %%; the broker has %q", shown, working, percent, want)
		}
		return nil
	})
}

// showsNoOwners checks that there are two lanes, and that nobody owns one.
func (q *queueClass) showsNoOwners(t *testing.T, board, team *browsertest.Tab) {
	t.Helper()
	wait.For(t, "two lanes without owners", func() error {
		edges := cells[string](t, board, "#t1 .edges svg", "c.dataset.key")
		lanes := cells[string](t, team, "#ticks .lanes > span", "c.dataset.key")
		owned := cells[string](t, board, "#t1 [data-owner]", "c.dataset.owner")
		owned = append(owned, cells[string](t, team, "#team > .lanes [data-owner]", "c.dataset.owner")...)
		if !slices.Equal(edges, []string{"p0", "p1"}) || !slices.Equal(lanes, edges) || len(owned) > 0 {
			return fmt.Errorf("edges %q, lanes %q, owners %q", edges, lanes, owned)
		}
		return nil
	})
	b, _ := q.program.board()
	for _, lane := range b.Teams[0].Lanes {
		if lane.Owner != nil {
			t.Errorf("the lane %+v has an owner", lane)
		}
	}
}

// showsOrder waits until the page shows a loss of order, and checks it against the workers' own output.
func (q *queueClass) showsOrder(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	var at place
	var later int64
	wait.Until(t, "a job that is out of order in the page", func() bool {
		shown := cells[[3]int64](t, tab, "#describe .late", "[Number(c.closest('tr').dataset.key.slice(1)), Number(c.dataset.open), Number(c.dataset.later)]")
		if len(shown) == 0 {
			return false
		}
		at, later = place{int32(shown[0][0]), shown[0][1]}, shown[0][2]
		return true
	})
	wait.For(t, "the same in the workers' output", func() error {
		if n := q.laterFirst(at); n < later || later < 1 {
			return fmt.Errorf("the page says that %d later jobs were done before %v, the workers say %d", later, at, n)
		}
		return nil
	})
}

// showsReturn kills a worker that holds jobs. The jobs return to other workers, and the pages count that.
func (q *queueClass) showsReturn(t *testing.T, board *browsertest.Tab) {
	t.Helper()
	victim := q.crew[2]
	q.burst(t)
	wait.Until(t, "a worker that holds three jobs", func() bool { return len(victim.holds()) >= 3 })
	victim.kill()
	held := victim.holds()
	wait.For(t, "what the dead worker held, accepted by others", func() error {
		all := q.accepted()
		for p := range held {
			if l, done := all[p]; !done || l.Delivery < 2 {
				return fmt.Errorf("%v: %+v", p, l)
			}
		}
		return nil
	})

	wait.For(t, "as many deliveries again in the page as the workers say", func() error {
		shown := cells[int](t, board, "#t1 .again", "parseInt(c.textContent.slice(2))")
		want := 0
		for _, w := range q.crew {
			for _, l := range w.of("accepted") {
				if w != victim && l.Delivery > 1 {
					want++
				}
			}
		}
		if len(shown) != 1 || shown[0] != want || want < len(held) {
			return fmt.Errorf("the page shows %d, the workers accepted %d again", shown, want)
		}
		return nil
	})
	q.showsCrew(t, board, q.at(t, 2)) // the dead worker's session has expired
	q.earns(t, board, game.Redelivered)
}

// showsPoison adds a job that nobody can do. A worker rejects it, and the queue continues.
func (q *queueClass) showsPoison(t *testing.T, board, team *browsertest.Tab) {
	t.Helper()
	q.hire(t) // three can keep up
	q.at(t, 3)
	at := q.add(t, 1, 1, 100*time.Millisecond, true)
	wait.Until(t, "a worker that rejects it", func() bool {
		return slices.ContainsFunc(q.crew, func(w *crewWorker) bool {
			return slices.ContainsFunc(w.of("rejected"), func(l jobLine) bool { return l.place() == at })
		})
	})
	q.earns(t, board, game.Poison)
	wait.Until(t, "the rejection on the team's page", func() bool {
		return strings.Contains(team.Text(t, `document.querySelector("#members").textContent`), "1 rejected, as it reports")
	})
}

// showsBeside starts a consumer group on the same topic. One of its members is idle, as the broker reports.
func (q *queueClass) showsBeside(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	q.joinBeside(t, 3)
	wait.For(t, "the consumer group in the page", func() error {
		groups, err := q.admin.DescribeGroups(t.Context(), q.Beside(1))
		if err != nil {
			return err
		}
		var owners, idle []string
		for _, m := range groups[q.Beside(1)].Members {
			assigned, ok := m.Assigned.AsConsumer()
			if ok && len(assigned.Topics) > 0 {
				owners = append(owners, m.MemberID)
			} else {
				idle = append(idle, m.MemberID)
			}
		}
		shown := slices.Sorted(slices.Values(cells[string](t, tab, "#team .other .cell", "c.dataset.owner")))
		spare := cells[string](t, tab, "#team .other [data-idle]", "c.dataset.idle")
		slices.Sort(owners)
		if len(owners) != 2 || len(idle) != 1 || !slices.Equal(shown, owners) || !slices.Equal(spare, idle) {
			return fmt.Errorf("the page has owners %q and idle %q, the broker %q and %q", shown, spare, owners, idle)
		}
		return nil
	})
}

// showsBacklog lets the workers leave and adds jobs that nobody takes. The pages show the broker's count.
func (q *queueClass) showsBacklog(t *testing.T, board, team *browsertest.Tab) {
	t.Helper()
	for _, w := range q.crew {
		w.interrupt()
	}
	q.add(t, 0, 5, 100*time.Millisecond, false)
	q.add(t, 1, 12, 100*time.Millisecond, false)
	wait.For(t, "the backlog in the pages", func() error {
		l, err := q.describe(t)
		if err != nil {
			return err
		}
		want := []int64{l.waiting[0], l.waiting[1]}
		shown := cells[int64](t, board, "#t1 .edges svg", "Number(c.dataset.lag)")
		table := cells[int64](t, team, "#describe tbody tr", "Number(c.cells[3].textContent)")
		if len(l.members) > 0 || want[0] < 5 || want[1] < 12 || !slices.Equal(shown, want) || !slices.Equal(table, want) {
			return fmt.Errorf("the broker has %d waiting for %d members, the board shows %d, the team's page %d", want, len(l.members), shown, table)
		}
		return nil
	})
}

// showsLoop has a worker release a poison job again and again: the lane shows the offset that is not done although later ones
// are.
func (q *queueClass) showsLoop(t *testing.T, team *browsertest.Tab) {
	t.Helper()
	at := q.add(t, 0, 1, time.Second, true)
	q.add(t, 0, 8, 100*time.Millisecond, false)
	w := q.hire(t, "--on-poison", "release")
	wait.For(t, "the poison job in its lane", func() error {
		shown := cells[int64](t, team, "#describe tr[data-key=p0] .late", "Number(c.dataset.open)")
		if !slices.Equal(shown, []int64{at.offset}) {
			l, err := q.describe(t)
			return fmt.Errorf("the page shows %d, want %d; the broker: %+v %w", shown, at.offset, l, err)
		}
		return nil
	})
	wait.Until(t, "that the broker gives it up", func() bool { return len(w.of("released")) >= 5 })
	q.until(t, "an empty queue", func(l shareLook) bool { return l.waiting[0] == 0 && l.waiting[1] == 0 })
}
