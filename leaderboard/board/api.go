package board

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

func (b *Board) registerAPI(e *gin.Engine) {
	e.GET("/api/board", httpserve.Handle(b.getBoard))
	e.GET("/api/teams/:team", httpserve.Handle(b.getTeam))
}

func encode(v any) ([]byte, error) {
	out, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return out, nil
}

// ready returns a 503 while the Views are not this room's. Pages name the board to look at instead; programs would mistake
// old counts for current ones.
func (b *Board) ready() error {
	if err := b.cfg.Ready(); err != nil {
		return httpserve.Status(http.StatusServiceUnavailable, "%s", err)
	}
	return nil
}

func (b *Board) getBoard(c *gin.Context) error {
	if err := b.ready(); err != nil {
		return err
	}

	out, err := b.view.Load().boardJSON()
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json; charset=utf-8", out)
	return nil
}

func (b *Board) getTeam(c *gin.Context) error {
	if err := b.ready(); err != nil {
		return err
	}

	t, err := b.teamOf(c, b.view.Load().Public)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, detail(t))
	return nil
}

func detail(t game.Team) game.TeamDetail {
	return game.TeamDetail{Team: t, Events: t.Events, Rejected: t.Rejected}
}

// teamOf returns the team named in the path.
func (b *Board) teamOf(c *gin.Context, in game.Board) (game.Team, error) {
	text := c.Param("team")
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text {
		return game.Team{}, httpserve.Status(http.StatusNotFound, "there is no such team: its number goes here, as in /teams/7")
	}
	t, ok := team(in, n)
	if !ok {
		return t, httpserve.Status(http.StatusNotFound, "there is no team %d here: the room has %d teams", n, len(in.Teams))
	}
	return t, nil
}

// instructorBoard is the JSON of /api/instructor/board: the true board, with each team's help.
type instructorBoard struct {
	game.Board
	Teams      []instructorTeam `json:"teams"`
	Instructor game.Instructor  `json:"instructor"`
}

type instructorTeam struct {
	game.Team
	Help []game.Help `json:"help"`
}

func (b *Board) getTruth(c *gin.Context) error {
	s := b.view.Load()
	out := instructorBoard{Board: s.Truth, Instructor: s.Instructor, Teams: make([]instructorTeam, len(s.Truth.Teams))}
	out.Instructor.Help = notNil(s.Instructor.Help)
	out.Instructor.Strangers = notNil(s.Instructor.Strangers)
	out.Instructor.Log = notNil(s.Instructor.Log)
	helps := make(map[int][]game.Help, len(s.Instructor.Help))
	for _, h := range s.Instructor.Help {
		helps[h.Team] = append(helps[h.Team], h)
	}
	for i, t := range s.Truth.Teams {
		out.Teams[i] = instructorTeam{t, notNil(helps[t.Team])}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, out)
	return nil
}

// export is the true board of the current round with its latest events, and every stored round.
type export struct {
	game.Board
	Teams []game.TeamDetail `json:"teams"`
	Log   []game.Event      `json:"log"`

	Rounds []game.RoundExport `json:"rounds"`
}

func (b *Board) exportJSON(c *gin.Context) error {
	s := b.view.Load()
	out := export{Board: s.Truth, Log: notNil(s.Instructor.Log), Teams: []game.TeamDetail{}}
	for _, t := range byRank(s.Truth) {
		out.Teams = append(out.Teams, detail(t))
	}
	if b.cfg.Export != nil {
		stored, err := b.cfg.Export(c.Request.Context())
		if err != nil {
			b.cfg.Log.WarnContext(c.Request.Context(), "loading the stored rounds failed", "error", err)
			return httpserve.Status(http.StatusServiceUnavailable, "Postgres does not answer, and the rounds are stored there: try again")
		}
		out.Rounds = stored.Rounds
	}
	out.Rounds = notNil(out.Rounds)
	attach(c, s.Truth, ".json")
	c.IndentedJSON(http.StatusOK, out)
	return nil
}

// attach sets the file name under which a browser saves the answer.
func attach(c *gin.Context, b game.Board, ending string) {
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-round-%d%s", b.Lesson, b.Round, ending)))
}
