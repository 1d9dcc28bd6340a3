// Package panel is the instructor's control panel: the page with the dial, the API behind it, the
// events that keep open pages alike, and metrics. What a load is and whether it may be turned is
// left to what it is given.
package panel

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/producer-svc/control"
	"kafka-workshop/producer-svc/load"

	"github.com/gin-gonic/gin"
)

// A Load is what the panel shows and turns. It is a control.Controller.
type Load interface {
	View(now time.Time) control.View
	History() []control.Point
	Changed() <-chan struct{}
	Ready() error
	Set(load.Patch) error
	StartRamp(to float64, over time.Duration) error
	Burst(records int) error
	SetPartitions(ctx context.Context, count int) error
	Latency(bounds []time.Duration) (within []int64, count int64, sum time.Duration)
}

// Config is what a Panel needs.
type Config struct {
	Load      Load
	Auth      *httpserve.Auth
	BoardURL  string // the leaderboard's address; "" is port 8080 of the host that the page came from
	Log       *slog.Logger
	Heartbeat time.Duration // between two states of a page, 250 ms if 0
}

// A Panel serves the pages and the API.
type Panel struct {
	cfg     Config
	css, js string // addresses
	hub     hub
}

// New prepares a Panel; Run feeds its open pages.
func New(cfg Config) *Panel {
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 250 * time.Millisecond
	}
	return &Panel{cfg: cfg, hub: hub{viewers: map[chan []byte]bool{}}}
}

// Handler is the whole of the service's HTTP.
func (p *Panel) Handler() http.Handler {
	e := httpserve.Engine(p.cfg.Log, p.cfg.BoardURL)
	httpserve.Health(e, p.cfg.Load.Ready)
	httpserve.Login(e, p.cfg.Auth, "Load control")
	own := e.Group("/", p.cfg.Auth.Require())
	p.assets(own)
	own.GET("/", httpserve.Handle(p.page))
	own.GET("/events", httpserve.Handle(p.events))
	own.GET("/metrics", gin.WrapH(metrics(p.cfg.Load)))
	own.GET("/api/load", p.show)
	own.PUT("/api/load", p.turn(p.put))
	own.POST("/api/ramp", p.turn(p.ramp))
	own.POST("/api/burst", p.turn(p.burst))
	own.POST("/api/partitions", p.turn(p.partitions))
	return e
}

func (p *Panel) show(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, p.cfg.Load.View(time.Now()))
}

// turn answers with the load as it is afterwards, or with what was wrong.
func (p *Panel) turn(do func(c *gin.Context) error) gin.HandlerFunc {
	return httpserve.Handle(func(c *gin.Context) error {
		if err := do(c); err != nil {
			return status(err)
		}
		p.show(c)
		return nil
	})
}

// status is the answer for what the load refused.
func status(err error) error {
	var fault load.FieldError
	var fewer control.FewerPartitionsError
	var standby control.StandbyError
	switch {
	case errors.As(err, &fault):
		return httpserve.Bad("%s", err)
	case errors.As(err, &fewer):
		return httpserve.Status(http.StatusConflict, "%s", err)
	case errors.As(err, &standby):
		return httpserve.Status(http.StatusServiceUnavailable, "%s: turn the load there", err)
	default:
		return err
	}
}

func (p *Panel) put(c *gin.Context) error {
	var patch load.Patch
	if err := httpserve.JSON(c, &patch); err != nil {
		return err
	}
	return p.cfg.Load.Set(patch)
}

func (p *Panel) ramp(c *gin.Context) error {
	var in struct {
		To      *float64 `json:"to"`
		Seconds *float64 `json:"seconds"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.To == nil {
		return missing("to")
	}
	if in.Seconds == nil {
		return missing("seconds")
	}
	if *in.Seconds > load.MaxRamp.Seconds() { // also what a Duration could not hold
		*in.Seconds = load.MaxRamp.Seconds() + 1
	}
	return p.cfg.Load.StartRamp(*in.To, time.Duration(*in.Seconds*float64(time.Second)))
}

func (p *Panel) burst(c *gin.Context) error {
	var in struct {
		Records *int `json:"records"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Records == nil {
		return missing("records")
	}
	return p.cfg.Load.Burst(*in.Records)
}

func (p *Panel) partitions(c *gin.Context) error {
	var in struct {
		Count *int `json:"count"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Count == nil {
		return missing("count")
	}
	return p.cfg.Load.SetPartitions(c.Request.Context(), *in.Count)
}

func missing(field string) error { return load.FieldError{Field: field, Reason: "is missing"} }
