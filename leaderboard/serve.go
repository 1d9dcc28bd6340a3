package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/board"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/observe"
	"kafka-workshop/leaderboard/provision"
	"kafka-workshop/leaderboard/referee"
	"kafka-workshop/leaderboard/score"
	"kafka-workshop/leaderboard/store"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"
)

// parts are the leaderboard's, connected.
type parts struct {
	log        *slog.Logger
	publicURL  string // what participants type
	observer   *observe.Observer
	referee    *referee.Referee
	board      *board.Board
	admissions *admission.Service
	roster     map[int]string
	names      names
	store      *store.Store
	scoring    *scoring
	metrics    *metrics
}

// runServe runs the board until ctx ends.
func runServe(ctx context.Context, f flags, log *slog.Logger) error {
	if err := f.Serve.validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	p, err := connect(f, log)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	defer p.observer.Close()
	ctx, cancel := f.Context(ctx)
	defer cancel()
	ln, err := httpserve.Listen(f.Serve.Listen)
	if err != nil {
		return err
	}
	log.Info("leaderboard listens", "url", "http://"+ln.Addr().String(), "lesson", f.Lesson.Name, "teams", f.Teams)
	return p.run(ctx, ln)
}

// connect makes the parts and what is between them; nothing runs yet.
func connect(f flags, log *slog.Logger) (*parts, error) {
	p := &parts{log: log, publicURL: f.Serve.HTTP.PublicURL, metrics: newMetrics()}
	var err error
	p.store, err = store.New(store.Config{Room: f.Room, URL: string(f.Serve.DatabaseURL)})
	if err != nil {
		return nil, err
	}
	p.observer, err = observe.New(observe.Config{
		Kafka: f.Config, Room: f.Room, Interval: f.Serve.SweepEvery, Log: log,
		Opts: p.metrics.kafkaOpts(),
	})
	if err != nil {
		return nil, err
	}
	p.scoring = newScoring(score.Config{
		Kafka: f.Config, Room: f.Room, Users: f.Serve.RememberUsers, Log: log,
		MakeTopics: p.observer.EnsureTopics,
	})
	p.referee = referee.New(referee.Config{
		Room: f.Room,
		Lead: p.lead, Name: store.Holder(), Log: log, Resume: p.scoring.from,
		Publish: func(v game.View) {
			p.metrics.see(v)
			p.names.see(v)
			p.board.Publish(v)
		},
	})
	if f.Serve.Roster != "" {
		if p.roster, err = provision.ReadRoster(f.Serve.Roster); err != nil {
			return nil, err
		}
		if above := provision.Above(p.roster, f.Teams); len(above) > 0 {
			log.Warn("the roster names teams above --teams: they are left out", "teams", fmt.Sprint(above), "highest", f.Teams)
		}
	}
	auth := httpserve.NewAuth(f.Serve.HTTP.InstructorToken)
	if p.admissions, err = newAdmissions(f, auth, p.names.of); err != nil {
		return nil, err
	}
	p.board, err = board.New(board.Config{
		Lesson: f.Lesson, PublicURL: f.Serve.HTTP.PublicURL, PanelURL: f.Serve.PanelURL, Log: log,
		Auth: auth, Admission: p.admissions, Ready: p.referee.Ready,
		Export: func(ctx context.Context) (game.Export, error) { return p.store.Export(ctx, f.Teams) },
		Acts:   acts{p.referee, p.observer, f.Group},
	})
	return p, err
}

func (p *parts) lead(ctx context.Context) (referee.Lease, error) {
	l, err := p.store.Lead(ctx)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// engine has all of the leaderboard's routes.
func (p *parts) engine() *gin.Engine {
	engine := httpserve.Engine(p.log, p.publicURL)
	httpserve.Health(engine, p.referee.Ready)
	engine.GET("/metrics", gin.WrapH(p.metrics.handler()))
	p.board.Register(engine)
	p.admissions.Register(engine)
	return engine
}

// run goes on until ctx ends or a part fails; all parts end with it.
func (p *parts) run(ctx context.Context, ln net.Listener) error {
	engine := p.engine()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return httpserve.Serve(ctx, ln, engine, p.log) })
	group.Go(func() error { return part(ctx, "referee", p.referee.Run(ctx)) })
	group.Go(func() error { return part(ctx, "observe", p.observer.Run(ctx, p.referee.Swept)) })
	group.Go(func() error { return part(ctx, "score", p.scoring.run(ctx, p.referee.Scored)) })
	group.Go(func() error { p.ensureTopics(ctx); return nil })
	group.Go(func() error { p.nameTeams(ctx, p.roster); return nil })
	err := group.Wait()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	p.store.Close(end)
	return err
}

// part names the part that failed; its end by ctx is no failure.
func part(ctx context.Context, name string, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// ensureTopics makes the teams' topics where they are missing, as soon as Kafka lets it.
func (p *parts) ensureTopics(ctx context.Context) {
	wait := kafka.Backoff(time.Second, 10*time.Second)
	for tries := 1; ; tries++ {
		made, err := p.observer.EnsureTopics(ctx)
		if len(made) > 0 {
			p.log.Info("made the teams' topics", "topics", len(made))
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		if tries == 1 {
			p.log.Warn("the teams' topics are not all there yet; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait(tries)):
		}
	}
}

// acts is what the instructor can do: to the game, and to a group in Kafka.
type acts struct {
	*referee.Referee
	observer *observe.Observer
	group    func(team int) string
}

// SetOffsets puts an empty group's commits to the topic's latest or earliest offsets.
func (a acts) SetOffsets(ctx context.Context, team int, to string) error {
	if err := a.observer.SetOffsets(ctx, a.group(team), to); err != nil {
		return spoken(err)
	}
	return a.Note(ctx, team, "the group's offsets are set to "+to)
}

// RemoveMember puts a member out of its group.
func (a acts) RemoveMember(ctx context.Context, team int, member string) error {
	if err := a.observer.RemoveMember(ctx, a.group(team), member); err != nil {
		return spoken(err)
	}
	return a.Note(ctx, team, "member "+member+" is put out of the group")
}

func spoken(err error) error {
	switch {
	case errors.Is(err, observe.ErrGroupBusy):
		return httpserve.Status(http.StatusConflict, "%v", err)
	case errors.Is(err, observe.ErrUnknownMember):
		return httpserve.Status(http.StatusNotFound, "%v", err)
	}
	return httpserve.Status(http.StatusBadGateway, "Kafka did not do it: %v", err)
}
