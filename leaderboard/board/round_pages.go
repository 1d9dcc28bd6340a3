package board

import (
	"fmt"
	"slices"
	"strconv"

	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// linkedRounds is how many rounds a page links to, including the current one.
const linkedRounds = 20

// A roundPage is what the pages about a round have in common.
type roundPage struct {
	Record game.Record
	Path   string // of this page, for the links to the other rounds
	Rounds []int  // the latest ones
	Badges []game.Badge
	Calm   bool // no ranks
}

func (b *Board) roundPage(c *gin.Context, r game.Record) roundPage {
	public := b.view.Load().Public
	v := roundPage{Record: r, Path: c.Request.URL.Path, Badges: public.Badges, Calm: b.cfg.Calm}
	for n := max(1, public.Round-linkedRounds+1); n <= public.Round; n++ {
		v.Rounds = append(v.Rounds, n)
	}
	return v
}

// ByRank returns the teams in the order of the table: by rank, or by number without ranks.
func (v roundPage) ByRank() []game.TeamRecord {
	teams := slices.Clone(v.Record.Teams)
	if !v.Calm {
		slices.SortStableFunc(teams, func(a, b game.TeamRecord) int { return a.Rank - b.Rank })
	}
	return teams
}

// Podium returns the three best teams that have points, or none without ranks.
func (v roundPage) Podium() []game.TeamRecord {
	if v.Calm {
		return nil
	}
	best := slices.DeleteFunc(v.ByRank(), func(t game.TeamRecord) bool { return t.Points == 0 })
	return best[:min(len(best), 3)]
}

// Query returns the end of a link to another page about the same round.
func (v roundPage) Query() string {
	if !v.Record.Ended {
		return ""
	}
	return "?round=" + strconv.Itoa(v.Record.Round)
}

// BadgesOf returns the lesson's badges, with those that a team has in this round.
func (v roundPage) BadgesOf(t game.TeamRecord) []mark {
	out := make([]mark, len(v.Badges))
	for i, badge := range v.Badges {
		out[i].Badge = badge
		if a, ok := award(t, badge.ID); ok {
			out[i].Got, out[i].ByMe = &game.Earned{Badge: badge.ID, First: a.First}, a.First
		}
	}
	return out
}

// award returns how a team earned the badge, unless it was removed.
func award(t game.TeamRecord, badge string) (game.Award, bool) {
	i := slices.IndexFunc(t.Awards, func(a game.Award) bool { return a.Badge == badge && a.Removed == nil })
	if i < 0 {
		return game.Award{}, false
	}
	return t.Awards[i], true
}

func (b *Board) resultsPage(c *gin.Context) error {
	record, err := b.recordOf(c)
	if err != nil {
		return err
	}
	return b.writePage(c, page{Title: fmt.Sprintf("Results of round %d", record.Round), Kind: "results", Round: b.roundPage(c, record)})
}

func (b *Board) replayPage(c *gin.Context) error {
	record, err := b.recordOf(c)
	if err != nil {
		return err
	}
	return b.writePage(c, page{Title: fmt.Sprintf("Replay of round %d", record.Round), Kind: "replay", Round: b.roundPage(c, record)})
}

// HasActions reports whether the lesson has actions.
func (v roundPage) HasActions() bool {
	return slices.ContainsFunc(v.Badges, func(b game.Badge) bool { return b.Actions })
}

// Lanes returns the topic's partitions.
func (v roundPage) Lanes() []int32 {
	out := make([]int32, max(v.Record.Partitions, 1))
	for p := range out {
		out[p] = int32(p)
	}
	return out
}
