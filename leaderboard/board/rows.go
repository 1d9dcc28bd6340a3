package board

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A row is one team as pages draw it.
type row struct {
	game.Team
	Size      string
	Curves    bool // the layout has room for them
	Calm      bool // without rank and points
	AsOf      workshop.Time
	Edges     []edge
	Scale     int64 // the lag that a full edge represents
	Cells     []cell
	Idle      []game.Member
	Queue     bool   // the queues lesson: Crew instead of owners
	Crew      []chip // working ones first
	Again     int64  // redelivered records
	Other     *row   // the consumer group beside a share group; nil for none
	Marks     []mark
	Moving    bool
	Aged      *workshop.Time // since when this team has had no answer, while others have
	Lanes     string         // a description of the lanes, for screen readers
	LagCurve  drawing
	RateCurve drawing
}

// A cell is one partition of a team's lanes.
type cell struct {
	Partition int32
	Owner     string // member id; empty for none
	Client    string
	Colour    int
	Moving    bool // a rebalance pauses or moves it
	Lag       *int64
	Silent    *workshop.Time // since when its owner is silent
	Late      *game.OutOfOrder
}

// A mark is a badge and whether the team has it.
type mark struct {
	game.Badge
	Got  *game.Earned
	ByMe bool // this team was the first to earn it
}

func (s *snapshot) row(b game.Board, t game.Team) row {
	size := layout(b)
	r := row{
		Team: t, Size: size, Moving: group.Rebalancing(t.State), Curves: columns(size) == 1, Calm: s.calm, AsOf: b.AsOf,
		Cells: cells(t, b.Partitions), Marks: marks(b.Badges, t),
	}
	r.Edges, r.Scale = edges(r.Cells, s.scale), s.scale
	if s.calm {
		r.calm()
	}
	if isQueue(b) {
		r.Queue, r.Crew, r.Again, r.Other = true, crewOf(t.Workers), again(t.Workers), besideRow(t, b.Partitions)
		r.Lanes = crewText(r.Crew)
	} else {
		r.Idle = idleOf(t.Members)
		r.Lanes = lanesText(r)
	}

	c := s.curves[t.Team]
	if t.Lag != nil {
		r.LagCurve = draw(c.lag, 100)
		r.RateCurve = draw(c.rate, 5)
	}
	if b.StaleSince == nil && !r.Moving { // the lanes already show a rebalance
		r.Aged = t.StaleSince
	}
	return r
}

func idleOf(members []game.Member) (idle []game.Member) {
	for _, m := range members {
		if len(m.Partitions) == 0 {
			idle = append(idle, m)
		}
	}
	return idle
}

// cells returns a cell for each partition of the topic. Members may own partitions that the topic no longer has.
func cells(t game.Team, partitions int) []cell {
	out := make([]cell, partitions)
	for p := range out {
		out[p].Partition = int32(p)
	}
	for _, m := range t.Members {
		for _, p := range m.Partitions {
			if int(p) < partitions && p >= 0 {
				out[p] = cell{Partition: p, Owner: m.MemberID, Client: memberName(m), Colour: m.Colour}
			}
		}
	}
	for _, l := range t.Lanes {
		if int(l.Partition) < partitions && l.Partition >= 0 {
			out[l.Partition].Lag, out[l.Partition].Silent, out[l.Partition].Late = l.Lag, l.SilentSince, l.OutOfOrder
		}
	}
	for _, p := range t.Moving {
		if int(p) < partitions && p >= 0 {
			out[p].Moving = true
		}
	}
	return out
}

func marks(badges []game.Badge, t game.Team) []mark {
	out := make([]mark, len(badges))
	for i, b := range badges {
		out[i].Badge = b
		if j := slices.IndexFunc(t.Badges, func(e game.Earned) bool { return e.Badge == b.ID }); j >= 0 {
			out[i].Got = &t.Badges[j]
			out[i].ByMe = t.Badges[j].First
		}
	}
	return out
}

// calm removes what compares teams.
func (r *row) calm() {
	r.Turn = false
	for i := range r.Marks {
		r.Marks[i].ByMe = false
	}
}

// lanesText describes the lanes: "A owns P0 P1, no owner: P2".
func lanesText(r row) string {
	var out []string
	if r.Moving {
		out = append(out, "rebalancing")
	}
	for _, m := range r.Members {
		if len(m.Partitions) == 0 {
			out = append(out, sign(m.Colour)+" is idle")
			continue
		}
		out = append(out, sign(m.Colour)+" owns "+partitionList(m.Partitions))
	}

	var free, silent []int32
	for _, c := range r.Cells {
		if c.Owner == "" {
			free = append(free, c.Partition)
		}
		if c.Silent != nil {
			silent = append(silent, c.Partition)
		}
	}
	if len(silent) > 0 {
		out = append(out, "silent: "+partitionList(silent))
	}
	switch {
	case len(r.Members) == 0:
		out = append(out, "no member")
	case len(free) > 0:
		out = append(out, "no owner: "+partitionList(free))
	}
	return strings.Join(out, ", ")
}

func partitionList(partitions []int32) string {
	out := make([]string, len(partitions))
	for i, p := range partitions {
		out[i] = "P" + strconv.Itoa(int(p))
	}
	return strings.Join(out, " ")
}

// boardKey identifies everything that a board's rows depend on besides their own teams.
func boardKey(b game.Board) string {
	return fmt.Sprint(b.Round, b.Lesson, b.Partitions, layout(b), len(b.Badges), b.StaleSince != nil)
}

// waiting reports whether no team has done anything in this round: the board then shows how to join.
func waiting(b game.Board) bool {
	for _, t := range b.Teams {
		if len(t.Members) > 0 || t.Points > 0 || (t.State != group.NotJoined && t.State != "") {
			return false
		}
	}
	return true
}
