// Package panel serves the instructor's control panel: the page with the dial, its API, the event stream
// that keeps open pages up to date, and metrics. The rules of the load are in packages load and control.
package panel

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/control"

	"github.com/gin-gonic/gin"
)

// A Controller shows and changes the load. *control.Controller implements it.
type Controller interface {
	View(now time.Time) control.View
	History() []control.Point
	Changed() <-chan struct{}
	Ready() error
	Set(workshop.LoadPatch) error
	StartRamp(workshop.Ramp) error
	Burst(workshop.Burst) error
	SetPartitions(ctx context.Context, count int) error
	Latency(bounds []time.Duration) (within []int64, count int64, sum time.Duration)
}

// Config configures a Panel.
type Config struct {
	Controller Controller
	Auth       *httpserve.Auth
	BoardURL   string // the leaderboard's address; if empty, port 8080 of the host that served the page
	Log        *slog.Logger
	Heartbeat  time.Duration // how often pages get the state without a change, 250 ms if 0
}

// A Panel serves the pages and the API.
type Panel struct {
	cfg Config
	hub hub
}

// New returns a Panel. Its pages are updated while Run runs.
func New(cfg Config) *Panel {
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 250 * time.Millisecond
	}

	return &Panel{cfg: cfg, hub: hub{viewers: map[chan []byte]bool{}}}
}

// Handler returns the handler of all routes.
func (p *Panel) Handler() http.Handler {
	e := httpserve.Engine(p.cfg.Log, p.cfg.BoardURL)
	httpserve.Health(e, p.cfg.Controller.Ready)
	httpserve.Login(e, p.cfg.Auth, "Load control")

	own := e.Group("/", p.cfg.Auth.Require())
	assets.Register(own)
	own.GET("/", httpserve.Handle(p.page))
	own.GET("/events", httpserve.Handle(p.events))
	own.GET("/metrics", gin.WrapH(metrics(p.cfg.Controller)))

	own.GET("/api/load", p.show)
	own.PUT("/api/load", p.change(p.put))
	own.POST("/api/ramp", p.change(p.ramp))
	own.POST("/api/burst", p.change(p.burst))
	own.POST("/api/partitions", p.change(p.partitions))
	return e
}

func (p *Panel) show(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, p.cfg.Controller.View(time.Now()).Report)
}

// change responds with the load after a change, or with the error.
func (p *Panel) change(apply func(c *gin.Context) error) gin.HandlerFunc {
	return httpserve.Handle(func(c *gin.Context) error {
		if err := apply(c); err != nil {
			return httpError(err)
		}
		p.show(c)
		return nil
	})
}

// httpError maps the errors of the controller to HTTP statuses.
func httpError(err error) error {
	var field workshop.FieldError
	var fewer control.FewerPartitionsError
	var standby control.StandbyError

	switch {
	case errors.As(err, &field):
		return httpserve.Bad("%s", err)
	case errors.As(err, &fewer):
		return httpserve.Status(http.StatusConflict, "%s", err)
	case errors.As(err, &standby):
		return httpserve.Status(http.StatusServiceUnavailable, "%s: change the load there", err)
	default:
		return err
	}
}

func (p *Panel) put(c *gin.Context) error {
	var patch workshop.LoadPatch
	if err := httpserve.JSON(c, &patch); err != nil {
		return err
	}

	return p.cfg.Controller.Set(patch)
}

func (p *Panel) ramp(c *gin.Context) error {
	var ramp workshop.Ramp
	if err := httpserve.JSON(c, &ramp); err != nil {
		return err
	}

	return p.cfg.Controller.StartRamp(ramp)
}

func (p *Panel) burst(c *gin.Context) error {
	var burst workshop.Burst
	if err := httpserve.JSON(c, &burst); err != nil {
		return err
	}

	return p.cfg.Controller.Burst(burst)
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
	return p.cfg.Controller.SetPartitions(c.Request.Context(), *in.Count)
}

func missing(field string) error { return workshop.FieldError{Field: field, Reason: "is missing"} }
