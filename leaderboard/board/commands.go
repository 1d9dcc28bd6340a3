package board

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// maxMessage is the longest message that the instructor can show, in characters.
const maxMessage = 200

func (b *Board) registerCommands(e *gin.Engine) {
	g := e.Group("/api/instructor", b.cfg.Auth.Require())
	g.GET("/board", httpserve.Handle(b.getTruth))
	g.GET("/sheet", httpserve.Handle(b.getSheet))
	g.GET("/questions", httpserve.Handle(b.getQuestions))
	g.GET("/export.json", httpserve.Handle(b.exportJSON))
	g.GET("/export.csv", httpserve.Handle(b.exportCSV(".csv", writeCSV)))
	g.GET("/predictions.csv", httpserve.Handle(b.exportCSV("-predictions.csv", writePredictionsCSV)))
	for path, command := range map[string]func(c *gin.Context) error{
		"/freeze":                             func(c *gin.Context) error { return b.cfg.Commands.Freeze(c.Request.Context()) },
		"/reveal":                             b.reveal,
		"/rounds":                             func(c *gin.Context) error { return b.cfg.Commands.NewRound(c.Request.Context()) },
		"/podium/dismiss":                     func(c *gin.Context) error { return b.cfg.Commands.DismissPodium(c.Request.Context()) },
		"/message":                            b.message,
		"/sheet/next":                         b.nextStep,
		"/sheet/back":                         b.previousStep,
		"/sheet/goto":                         b.goToStep,
		"/sheet/extend":                       b.extendStep,
		"/spotlight":                          b.spotlight,
		"/load":                               b.setLoad,
		"/prediction":                         b.openPrediction,
		"/prediction/again":                   func(c *gin.Context) error { return b.cfg.Commands.VoteAgain(c.Request.Context()) },
		"/prediction/close":                   func(c *gin.Context) error { return b.cfg.Commands.ClosePrediction(c.Request.Context()) },
		"/prediction/cancel":                  func(c *gin.Context) error { return b.cfg.Commands.CancelPrediction(c.Request.Context()) },
		"/prediction/answer":                  b.answerPrediction,
		"/teams/:team/rename":                 b.rename,
		"/teams/:team/offsets":                b.offsets,
		"/teams/:team/badges/:badge/remove":   b.removeBadge,
		"/teams/:team/members/:member/remove": b.removeMember,
	} {
		g.POST(path, httpserve.Handle(func(c *gin.Context) error {
			if err := command(c); err != nil {
				return httpError(err)
			}
			b.cfg.Log.InfoContext(c.Request.Context(), "command of the instructor", "path", c.Request.URL.Path, "from", c.ClientIP())
			c.JSON(http.StatusOK, gin.H{"done": true})
			return nil
		}))
	}
}

// httpError maps the errors of commands to HTTP statuses.
func httpError(err error) error {
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
	var standby game.StandbyError

	switch {
	case is(game.ErrReveal, game.ErrNoOption):
		return httpserve.Status(http.StatusBadRequest, "%v", err)
	case is(game.ErrNoTeam, game.ErrNoBadge, game.ErrNoMember, game.ErrNoStep, game.ErrNoPrediction, game.ErrNoRound):
		return httpserve.Status(http.StatusNotFound, "%v", err)
	case is(game.ErrFrozen, game.ErrNotFrozen, game.ErrGroupBusy, game.ErrPredictionRunning, game.ErrPredictionPhase, game.ErrFactsDecide, game.ErrNoPodium), errors.As(err, new(game.NotAskableError)):
		return httpserve.Status(http.StatusConflict, "%v", err)
	case is(game.ErrKafka, game.ErrLoadNotSet):
		return httpserve.Status(http.StatusBadGateway, "%v", err)
	case is(game.ErrStoreUnavailable, game.ErrStoreInDoubt, game.ErrShuttingDown), errors.As(err, &standby):
		return httpserve.Status(http.StatusServiceUnavailable, "%v", err)
	}
	return err
}

// reveal plays the reveal unless the body asks for another action.
func (b *Board) reveal(c *gin.Context) error {
	in := struct {
		How string `json:"how"`
	}{game.RevealPlay}
	if c.Request.ContentLength != 0 {
		if err := httpserve.JSON(c, &in); err != nil {
			return err
		}
	}
	switch in.How {
	case game.RevealPlay, game.RevealPause, game.RevealNext, game.RevealBack, game.RevealAll:
		return b.cfg.Commands.Reveal(c.Request.Context(), in.How)
	}
	return httpserve.Bad("how is %q: use play, pause, next, back or all", in.How)
}

func (b *Board) message(c *gin.Context) error {
	var in struct {
		Text *string `json:"text"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}

	if in.Text == nil {
		return httpserve.Bad("text is missing: send an empty one to remove the message")
	}
	text, err := oneLine("text", *in.Text, maxMessage)
	if err != nil {
		return err
	}
	return b.cfg.Commands.SetMessage(c.Request.Context(), text)
}

func (b *Board) rename(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}

	var in struct {
		Name string `json:"name"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}

	name, err := workshop.TeamName(in.Name)
	if err != nil {
		return httpserve.Bad("%s", err)
	}
	return b.cfg.Commands.Rename(c.Request.Context(), t.Team, name)
}

func (b *Board) offsets(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}

	var in struct {
		To string `json:"to"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}

	if in.To != "latest" && in.To != "earliest" {
		return httpserve.Bad("to is %q: use latest or earliest", in.To)
	}
	return b.cfg.Commands.SetOffsets(c.Request.Context(), t.Team, in.To)
}

func (b *Board) removeBadge(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}

	for _, e := range t.Badges {
		if e.Badge == c.Param("badge") {
			return b.cfg.Commands.RemoveBadge(c.Request.Context(), t.Team, e.Badge)
		}
	}
	return httpserve.Status(http.StatusNotFound, "team %d does not have that badge", t.Team)
}

func (b *Board) removeMember(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}

	for _, m := range t.Members {
		if m.MemberID == c.Param("member") {
			return b.cfg.Commands.RemoveMember(c.Request.Context(), t.Team, m.MemberID)
		}
	}
	return httpserve.Status(http.StatusNotFound, "team %d has no such member", t.Team)
}

// oneLine trims a line of text. It rejects characters that affect the surrounding text.
func oneLine(field, text string, longest int) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n > longest {
		return "", httpserve.Bad("%s has %d characters: %d at most", field, n, longest)
	}
	if workshop.CleanText(text, longest) != text {
		return "", httpserve.Bad("%s holds control characters: send one line of text", field)
	}
	return text, nil
}
