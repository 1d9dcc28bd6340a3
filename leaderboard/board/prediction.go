package board

import (
	"errors"
	"net/http"
	"strconv"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/leaderboard/ballot"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

func (b *Board) registerPrediction(e *gin.Engine) {
	e.GET("/predict", httpserve.Handle(b.predictPage))
	e.POST("/predict", httpserve.Handle(b.voteByForm))
	e.GET("/api/prediction", httpserve.Handle(b.getPrediction))
	e.POST("/api/prediction/vote", httpserve.Handle(b.vote))
}

// prediction returns what everybody may see of the prediction, with the current number of votes, or nil without one.
func (b *Board) prediction() *game.PredictionView {
	return b.withVotes(b.view.Load().Public.Prediction)
}

// withVotes sets the number of votes while the vote is open.
func (b *Board) withVotes(p *game.PredictionView) *game.PredictionView {
	if p == nil {
		return nil
	}

	out := *p
	if out.Counts == nil && b.cfg.Votes != nil {
		out.Votes = max(out.Votes, b.cfg.Votes.Count()) // another leaderboard's View contains that one's count
	}
	return &out
}

func (b *Board) getPrediction(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, b.prediction())
	return nil
}

func (b *Board) vote(c *gin.Context) error {
	var in struct {
		Option *int `json:"option"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Option == nil {
		return httpserve.Bad("option is missing")
	}
	v, ok := b.voterOf(c.Request)
	if !ok {
		return httpserve.Status(http.StatusForbidden, "this browser has no voter yet: open /predict first")
	}
	if err := b.cast(c, v, *in.Option); err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"option": *in.Option})
	return nil
}

// cast votes on the prediction that the board shows.
func (b *Board) cast(c *gin.Context, v voter, option int) error {
	p := b.view.Load().Public.Prediction
	if p == nil || b.cfg.Votes == nil {
		return httpserve.Status(http.StatusConflict, "no question is open")
	}

	address := httpserve.Party(c.ClientIP()).String()
	switch err := b.cfg.Votes.Cast(p.ID, v.id, option, v.team, address, b.cfg.Now()); {
	case errors.Is(err, ballot.ErrClosed):
		return httpserve.Status(http.StatusConflict, "%v", err)
	case errors.Is(err, ballot.ErrNoOption):
		return httpserve.Bad("option: %v", err)
	case errors.Is(err, ballot.ErrTooFast):
		c.Header("Retry-After", "1")
		return httpserve.Status(http.StatusTooManyRequests, "%v", err)
	case errors.Is(err, ballot.ErrFull):
		return httpserve.Status(http.StatusTooManyRequests, "%v", err)
	default:
		return err
	}
}

// A predictView is the data of the voting page.
type predictView struct {
	*game.PredictionView
	Mine int    // the option that this browser has voted for; -1 for none
	Team string // the team that the vote counts for; empty for a guest
}

// Open reports whether the vote is open.
func (v predictView) Open() bool {
	return v.PredictionView != nil && (v.Phase == game.PredictionOpen || v.Phase == game.PredictionAgain)
}

// predictPage shows the voting page. It gives the browser a voter's cookie if it has none.
func (b *Board) predictPage(c *gin.Context) error {
	v, ok := b.voterOf(c.Request)
	if !ok {
		v = newVoter(0)
		b.setVoter(c, v)
	}

	view := predictView{PredictionView: b.prediction(), Mine: -1}
	if b.cfg.Votes != nil {
		if option, voted := b.cfg.Votes.Vote(v.id); voted {
			view.Mine = option
		}
	}
	if t, found := team(b.view.Load().Public, v.team); found {
		view.Team = t.Name
	}
	return b.writePage(c, page{Title: "Predict", Kind: "predict", Predict: &view})
}

// voteByForm serves browsers without scripts.
func (b *Board) voteByForm(c *gin.Context) error {
	v, ok := b.voterOf(c.Request)
	if !ok {
		c.Redirect(http.StatusSeeOther, "/predict")
		return nil
	}
	option, err := strconv.Atoi(c.PostForm("option"))
	if err != nil {
		return httpserve.Bad("option is missing")
	}
	if err := b.cast(c, v, option); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/predict")
	return nil
}

func (b *Board) getQuestions(c *gin.Context) error {
	deck, err := b.cfg.Commands.Questions(c.Request.Context())
	if err != nil {
		return httpError(err)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, notNil(deck))
	return nil
}

func (b *Board) openPrediction(c *gin.Context) error {
	var in struct {
		Question *string `json:"question"`
		Team     int     `json:"team"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Question == nil {
		return httpserve.Bad("question is missing")
	}
	return b.cfg.Commands.OpenPrediction(c.Request.Context(), *in.Question, in.Team)
}

func (b *Board) answerPrediction(c *gin.Context) error {
	var in struct {
		Option *int `json:"option"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Option == nil {
		return httpserve.Bad("option is missing")
	}
	return b.cfg.Commands.AnswerPrediction(c.Request.Context(), *in.Option)
}
