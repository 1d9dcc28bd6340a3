package board

import (
	"net/http"
	"strings"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

func (b *Board) registerHistory(e *gin.Engine) {
	e.GET("/api/teams/:team/history", httpserve.Handle(b.getHistory))
	e.GET("/api/replay", httpserve.Handle(b.getReplay))
	e.GET("/replay", httpserve.Handle(b.replayPage))
	e.GET("/teams/:team/story", httpserve.Handle(b.storyPage))
	e.GET("/results", httpserve.Handle(b.resultsPage))
}

// A history is the JSON of /api/teams/N/history.
type history struct {
	From   workshop.Time `json:"from"`
	To     workshop.Time `json:"to"`
	Spans  []game.Span   `json:"spans"` // those that overlap the requested time, the ended ones by their end
	Events []game.Event  `json:"events"`
}

func (b *Board) getHistory(c *gin.Context) error {
	t, record, err := b.teamRecordOf(c)
	if err != nil {
		return err
	}

	from, err := timeParam(c, "from", record.Began)
	if err != nil {
		return err
	}
	to, err := timeParam(c, "to", record.Until)
	if err != nil {
		return err
	}
	if to.Before(from.Time) {
		return httpserve.Bad("to is before from")
	}

	out := history{From: from, To: to}
	out.Spans, out.Events = t.Between(from.Time, to.Time)
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, out)
	return nil
}

// timeParam reads a time from the query.
func timeParam(c *gin.Context, name string, otherwise workshop.Time) (workshop.Time, error) {
	text, ok := c.GetQuery(name)
	if !ok {
		return otherwise, nil
	}
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")) // an unescaped + arrives as a space
	if err != nil {
		return workshop.Time{}, httpserve.Bad("%s is not a time as in 2026-03-14T14:03:22Z", name)
	}
	return workshop.At(at), nil
}
