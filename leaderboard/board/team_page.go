package board

import (
	"fmt"
	"slices"

	"kafka-workshop/leaderboard/game"
)

// teamParts returns the parts of a team's page.
func (b *Board) teamParts(s *snapshot, n int) []spec {
	t, ok := team(s.Public, n)
	if !ok {
		return nil
	}
	v := s.Public
	version := b.publicRows.of(t)
	t.Events = b.calmEvents(v, t.Events)
	data := func() any { return teamView{row: s.row(v, t), Board: v} }
	key := fmt.Sprint(boardKey(v), " ", t.Rank, " ", version.row)
	ticks := fmt.Sprint(key, " ", version.figures)
	return []spec{
		b.loadPart(v),
		b.stepPart(v),
		b.messagePart(v),
		b.part("team", key, "team-top", data),
		b.stripPart(v, t),
		ticking(b.part("ticks", ticks, "team-ticks", data)),
		b.part("badges", key, "team-badges", data),
		b.progressPart(key, t, v.Badges),
		b.part("members", key, "team-members", data),
		b.part("timeline", key, "team-timeline", data),
		ticking(b.part("describe", ticks, "team-describe", data)),
		ticking(b.part("work", ticks, "team-work", data)),
	}
}

// stripPart shows the lanes over time. The page moves its end along; it is redrawn once a minute, for the axis and for pages
// without JavaScript.
func (b *Board) stripPart(v game.Board, t game.Team) spec {
	key := fmt.Sprint(v.Round, v.Partitions, len(t.Badges), v.AsOf.Unix()/60, " ", spansKey(t.History))
	return b.part("strip", key, "team-strip", func() any {
		alone := v
		alone.Teams = []game.Team{t} // only teams with viewers are drawn
		record := game.RecordOf(alone)
		return struct {
			Team  int
			Strip strip
			Queue bool // nobody owns a lane
		}{t.Team, wholeStrip(record.Teams[0], record, v.Badges), isQueue(v)}
	})
}

// A teamView is what a team's page shows.
type teamView struct {
	row
	Board game.Board
}

// WorkerOf returns a member's report, or nil if it reports nothing, or owns partitions instead.
func (t teamView) WorkerOf(id string) *game.Worker {
	for i := range t.Workers {
		if w := &t.Workers[i]; w.MemberID == id && w.Processed+w.Rejected > 0 {
			return w
		}
	}
	return nil
}

// AllOwned reports whether every partition has an owner.
func (t teamView) AllOwned() bool {
	return !slices.ContainsFunc(t.Cells, func(c cell) bool { return c.Owner == "" })
}

// A tick is the position of a partition's commit under its lane.
type tick struct {
	Partition int32
	At        int64 // 0 to 1000, which is the log end
	Lag       string
	Known     bool // there is a commit
	Committed int64
	End       int64
	Late      *game.OutOfOrder
}

// Ticks returns the ticks under the lanes. The log end is on the right, and a commit is as far left of it as its lag. All
// lanes of a team have the same scale.
func (t teamView) Ticks() []tick {
	lines := t.Describe()
	most := int64(leastScale)
	for _, d := range lines {
		if d.Lag != nil {
			most = max(most, *d.Lag)
		}
	}

	out := make([]tick, len(lines))
	for i, d := range lines {
		out[i] = tick{Partition: d.Partition, Lag: "–", End: d.End}
		if d.Lag != nil {
			out[i] = tick{d.Partition, 1000 - *d.Lag*960/most, num(*d.Lag), true, *d.Committed, d.End, d.Cell.Late}
		}
	}
	return out
}

// A describeLine is a line of the offsets table, as kafka-consumer-groups --describe prints it.
type describeLine struct {
	game.Commit
	Cell cell
	Host string
	Lag  *int64
}

// Describe returns a line for every partition, with its commit and its owner.
func (t teamView) Describe() []describeLine {
	commits := map[int32]game.Commit{}
	for _, c := range t.Committed {
		commits[c.Partition] = c
	}
	hosts := map[string]string{}
	for _, m := range t.Members {
		hosts[m.MemberID] = m.Host
	}

	out := make([]describeLine, len(t.Cells))
	for i, c := range t.Cells {
		d := describeLine{Commit: commits[c.Partition], Cell: c, Host: hosts[c.Owner]}
		d.Partition = c.Partition
		d.Lag = d.Commit.Lag()
		out[i] = d
	}
	return out
}
