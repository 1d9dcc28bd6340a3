package board

import (
	"net/http"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// maxExtension limits how far one request moves the end of a step, in either direction.
const maxExtension = time.Hour

func (b *Board) getSheet(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, b.view.Load().Instructor.Sheet)
	return nil
}

// nextStep begins the step after the current one. Two clicks on pages that show the same step begin the same one.
func (b *Board) nextStep(c *gin.Context) error {
	sheet := b.view.Load().Instructor.Sheet
	if sheet.Step >= len(sheet.Steps) {
		return game.ErrNoStep
	}
	return b.cfg.Commands.GoToStep(c.Request.Context(), sheet.Step+1)
}

func (b *Board) previousStep(c *gin.Context) error {
	sheet := b.view.Load().Instructor.Sheet
	if sheet.Step <= 1 {
		return game.ErrNoStep
	}
	return b.cfg.Commands.GoToStep(c.Request.Context(), sheet.Step-1)
}

func (b *Board) goToStep(c *gin.Context) error {
	var in struct {
		Step *int `json:"step"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Step == nil {
		return httpserve.Bad("step is missing")
	}
	return b.cfg.Commands.GoToStep(c.Request.Context(), *in.Step)
}

func (b *Board) extendStep(c *gin.Context) error {
	var in struct {
		Seconds *float64 `json:"seconds"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Seconds == nil {
		return httpserve.Bad("seconds is missing")
	}
	if most := maxExtension.Seconds(); *in.Seconds == 0 || *in.Seconds < -most || *in.Seconds > most {
		return httpserve.Bad("seconds: give up to %v, or as many below zero", most)
	}
	return b.cfg.Commands.ExtendStep(c.Request.Context(), time.Duration(*in.Seconds*float64(time.Second)))
}

// spotlight accepts a team's number, "auto" or "none".
func (b *Board) spotlight(c *gin.Context) error {
	var in struct {
		Team *workshop.Spotlight `json:"team"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Team == nil {
		return httpserve.Bad("team is missing: give its number, auto or none")
	}
	return b.cfg.Commands.SetSpotlight(c.Request.Context(), *in.Team)
}

// setLoad changes the rate, the keys or the pause through the control topic: the panel need not be open.
func (b *Board) setLoad(c *gin.Context) error {
	var patch workshop.LoadPatch
	if err := httpserve.JSON(c, &patch); err != nil {
		return err
	}
	if patch == (workshop.LoadPatch{}) {
		return httpserve.Bad("nothing to set: give rate, paused, keys, fixed_keys or hot_share")
	}
	if err := patch.Apply(b.cfg.Lesson.DefaultLoad()).Validate(); err != nil {
		return httpserve.Bad("%s", err)
	}
	return b.cfg.Commands.SetLoad(c.Request.Context(), workshop.Wanted{Load: &patch, Reason: "the instructor's page"})
}
