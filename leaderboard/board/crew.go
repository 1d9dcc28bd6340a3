package board

import (
	"fmt"
	"math"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// In the queues lesson nobody owns a lane: where other lessons draw owners, the workers of a share group are drawn, each as
// wide as its share of the work.

// A chip is a worker on the board.
type chip struct {
	game.Worker
	Tenths  int // of the work, 1 to 10
	Percent int
}

// crewOf returns the team's workers, working ones first.
func crewOf(workers []game.Worker) []chip {
	var working, others []chip
	for _, w := range workers {
		c := chip{Worker: w, Tenths: max(int(math.Round(w.Share*10)), 1), Percent: int(math.Round(w.Share * 100))}
		if w.Working {
			working = append(working, c)
		} else {
			others = append(others, c)
		}
	}
	return append(working, others...)
}

// crewText describes the workers: "3 workers: A does 40 %, B does 60 %, C waits".
func crewText(crew []chip) string {
	if len(crew) == 0 {
		return "no worker"
	}
	var out []string
	for _, c := range crew {
		if c.Working {
			out = append(out, fmt.Sprintf("%s does %d %%", sign(c.Colour), c.Percent))
		} else {
			out = append(out, sign(c.Colour)+" does nothing")
		}
	}
	return strings.Join(out, ", ")
}

// again counts the records redelivered to the workers, as they report.
func again(workers []game.Worker) (n int64) {
	for _, w := range workers {
		n += w.Redelivered
	}
	return n
}

// besideRow returns the consumer group beside the share group, as lanes with owners.
func besideRow(t game.Team, partitions int) *row {
	if t.Beside == nil {
		return nil
	}
	r := row{Team: game.Team{Team: t.Team, Name: t.Name, Group: t.Beside.Group, State: t.Beside.State, Members: t.Beside.Members}}
	r.Cells = cells(r.Team, partitions)
	r.Idle = idleOf(t.Beside.Members)
	r.Lanes = lanesText(r)
	return &r
}

// isQueue reports whether the board is of the queues lesson.
func isQueue(b game.Board) bool { return b.Lesson == workshop.Queues.Name }
