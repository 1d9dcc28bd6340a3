package board

import (
	"slices"

	"kafka-workshop/leaderboard/game"
)

// versions numbers the states of a board's rows, by team, so that the keys of parts that show a team are short. Each row that
// is viewed is compared with its previous state.
type versions map[int]*version

type version struct {
	team    game.Team // as last viewed
	row     uint64    // increases when anything except the figures changes, or a rank other than the first
	figures uint64    // increases when a ticking figure changes: lag, offsets, rates, counts
}

// of returns the version of a team's current row.
func (v versions) of(t game.Team) *version {
	known := v[t.Team]
	if known == nil {
		known = &version{team: t}
		v[t.Team] = known
		return known
	}

	if !sameRow(known.team, t) {
		known.row++
	}
	if !sameFigures(known.team, t) {
		known.figures++
	}
	known.team = t
	return known
}

func sameRow(a, b game.Team) bool {
	return a.Name == b.Name && a.Group == b.Group && a.Turn == b.Turn && (a.Rank == 1) == (b.Rank == 1) && a.Points == b.Points &&
		a.State == b.State && a.MoreMembers == b.MoreMembers && equal(a.Protocol, b.Protocol) && equal(a.StaleSince, b.StaleSince) &&
		slices.Equal(a.Moving, b.Moving) && slices.EqualFunc(a.Lanes, b.Lanes, sameSilence) && slices.Equal(a.Badges, b.Badges) && slices.EqualFunc(a.Members, b.Members, sameMember) &&
		slices.EqualFunc(a.Workers, b.Workers, sameWorker) && sameBeside(a.Beside, b.Beside) &&
		slices.EqualFunc(a.Events, b.Events, sameEvent) && slices.Equal(a.Rejected, b.Rejected) && slices.Equal(a.Notes, b.Notes)
}

func sameMember(a, b game.Member) bool {
	return a.MemberID == b.MemberID && a.ClientID == b.ClientID && a.Host == b.Host && a.Colour == b.Colour && slices.Equal(a.Partitions, b.Partitions)
}

// sameWorker ignores the counts, which tick, and small changes of the share, which would keep moving the row.
func sameWorker(a, b game.Worker) bool {
	return a.MemberID == b.MemberID && a.Colour == b.Colour && a.Working == b.Working && crewOf([]game.Worker{a})[0].Tenths == crewOf([]game.Worker{b})[0].Tenths &&
		a.Redelivered == b.Redelivered && a.Rejected == b.Rejected
}

func sameBeside(a, b *game.Beside) bool {
	return (a == nil) == (b == nil) && (a == nil || a.State == b.State && slices.EqualFunc(a.Members, b.Members, sameMember))
}

func sameEvent(a, b game.Event) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Text == b.Text && equal(a.PauseMS, b.PauseMS)
}

func sameFigures(a, b game.Team) bool {
	return equal(a.Lag, b.Lag) && a.ProcessedPerSecond == b.ProcessedPerSecond && a.Actions == b.Actions && a.Reported == b.Reported &&
		equal(a.Precision, b.Precision) && equal(a.Recall, b.Recall) && slices.EqualFunc(a.Committed, b.Committed, sameCommit) &&
		slices.EqualFunc(a.Lanes, b.Lanes, sameLag) && slices.Equal(a.Workers, b.Workers)
}

// sameSilence ignores lag: silence is shown at once, and lag ticks.
func sameSilence(a, b game.Lane) bool { return equal(a.SilentSince, b.SilentSince) }

func sameLag(a, b game.Lane) bool { return equal(a.Lag, b.Lag) && equal(a.OutOfOrder, b.OutOfOrder) }

func sameCommit(a, b game.Commit) bool {
	return a.Partition == b.Partition && a.End == b.End && a.Start == b.Start && equal(a.Committed, b.Committed)
}

// equal compares the values of two pointers.
func equal[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}
