package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/ballot"
	"kafka-workshop/leaderboard/board"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/observe"
	"kafka-workshop/leaderboard/provision"
	"kafka-workshop/leaderboard/referee"
	"kafka-workshop/leaderboard/replica"
	"kafka-workshop/leaderboard/score"
	"kafka-workshop/leaderboard/store"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"
)

// parts are the leaderboard's parts, wired together.
type parts struct {
	log       *slog.Logger
	publicURL string // the address that participants type
	observer  *observe.Observer
	referee   *referee.Referee
	board     *board.Board
	admission *admission.Service
	roster    map[int]string
	names     teamNames
	store     *store.Store
	scorer    *score.Scorer
	ballot    *ballot.Ballot
	replica   *replica.Replica
	voterKey  []byte
	metrics   *metrics
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

	defer p.close()
	ctx, cancel := f.Context(ctx)
	defer cancel()
	ln, err := httpserve.Listen(f.Serve.Listen)
	if err != nil {
		return err
	}

	log.Info("leaderboard listens", "url", "http://"+ln.Addr().String(), "lesson", f.Lesson.Name, "teams", f.Teams)
	return p.run(ctx, ln)
}

// connect creates the parts and wires them together. Nothing runs yet.
func connect(f flags, log *slog.Logger) (*parts, error) {
	p := &parts{log: log, publicURL: f.Serve.HTTP.PublicURL, metrics: newMetrics()}
	if err := p.connect(f); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *parts) connect(f flags) error {
	var err error
	p.store, err = store.New(store.Config{Room: f.Room, URL: string(f.Serve.DatabaseURL), Address: strings.TrimSuffix(f.Serve.AdvertiseURL, "/")})
	if err != nil {
		return err
	}

	p.observer, err = observe.New(observe.Config{
		Kafka: f.Config, Room: f.Room, Interval: f.Serve.SweepEvery, Log: p.log,
		Opts: p.metrics.kafkaOpts(),
	})
	if err != nil {
		return err
	}

	p.scorer, err = score.New(score.Config{
		Kafka: f.Config, Room: f.Room, Users: f.Serve.RememberUsers, Log: p.log,
		MakeTopics: p.observer.EnsureTopics,
	})
	if err != nil {
		return err
	}

	steps, err := sheet.For(f.Serve.Sheet, f.Room)
	if err != nil {
		return err
	}

	p.replica, err = replica.New(replica.Config{Kafka: f.Config, Room: f.Room, Log: p.log, Show: func(v game.View) {
		p.metrics.update(v)
		p.names.update(v)
		p.board.Publish(v)
	}})
	if err != nil {
		return err
	}

	p.ballot = ballot.New()
	p.referee = referee.New(referee.Config{
		Votes:   p.ballot.Restore,
		Sheet:   steps,
		Room:    f.Room,
		Acquire: p.lead, Name: store.Holder(), Log: p.log, Resume: p.scorer.Resume,
		Publish: func(v game.View) {
			p.ballot.Follow(v.Truth.Prediction)
			p.replica.Offer(p.countVotes(v))
		},
	})
	if f.Serve.Roster != "" {
		if p.roster, err = provision.ReadRoster(f.Serve.Roster); err != nil {
			return err
		}
		if above := provision.RemoveAbove(p.roster, f.Teams); len(above) > 0 {
			p.log.Warn("the roster names teams above --teams: ignoring them", "teams", fmt.Sprint(above), "highest", f.Teams)
		}
	}

	p.voterKey = f.Serve.Secret.VoterKey(f.Room)
	auth := httpserve.NewAuth(f.Serve.HTTP.InstructorToken)
	if p.admission, err = newAdmission(f, auth, p.names.lookup); err != nil {
		return err
	}

	p.board, err = board.New(board.Config{
		Lesson: f.Lesson, PublicURL: f.Serve.HTTP.PublicURL, PanelURL: f.Serve.PanelURL, Calm: f.Serve.Calm, Log: p.log,
		Auth: auth, Admission: p.admission, Votes: p.ballot, VoterKey: p.voterKey, Ready: p.ready,
		Export: func(ctx context.Context) (game.Export, error) { return p.store.Export(ctx, f.Teams) },
		Round: func(ctx context.Context, number int) (game.RoundExport, error) {
			return p.store.Round(ctx, number, f.Teams)
		},
		Commands: commands{p.referee, p.observer, f.Group, steps, p.ballot},
	})
	return err
}

// close closes the connections to Kafka that are open.
func (p *parts) close() {
	if p.replica != nil {
		p.replica.Close()
	}
	if p.observer != nil {
		p.observer.Close()
	}
}

func (p *parts) lead(ctx context.Context) (referee.Lease, error) {
	l, err := p.store.Lead(ctx)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// engine returns the HTTP handler with all of the leaderboard's routes.
func (p *parts) engine() *gin.Engine {
	engine := httpserve.Engine(p.log, p.publicURL)
	engine.Use(p.toHolder())
	httpserve.Health(engine, p.ready)
	engine.GET("/metrics", gin.WrapH(p.metrics.handler()))
	p.board.Register(engine)
	p.admission.Register(engine)
	return engine
}

// run runs all parts until ctx ends or one of them fails.
func (p *parts) run(ctx context.Context, ln net.Listener) error {
	engine := p.engine()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return httpserve.Serve(ctx, ln, engine, p.log) })
	group.Go(func() error { return partError(ctx, "referee", p.referee.Run(ctx)) })
	group.Go(func() error { return partError(ctx, "observe", p.observer.Run(ctx, p.referee.HandleSweep)) })
	group.Go(func() error { return partError(ctx, "score", p.scorer.Run(ctx, p.referee.HandleScores)) })
	group.Go(func() error { return partError(ctx, "replica", p.replica.Run(ctx)) })
	group.Go(func() error { p.ensureTopics(ctx); return nil })
	group.Go(func() error { p.nameTeams(ctx, p.roster); return nil })
	group.Go(func() error { p.saveVotes(ctx); return nil })
	err := group.Wait()
	closeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	p.store.Close(closeCtx)
	return err
}

// partError adds the name of the part that failed. After ctx has ended, no error is a failure.
func partError(ctx context.Context, name string, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// ensureTopics creates the teams' missing topics and configures their share groups. It retries until both have succeeded.
func (p *parts) ensureTopics(ctx context.Context) {
	wait := kafka.Backoff(time.Second, 10*time.Second)
	for tries := 1; ; tries++ {
		created, err := p.observer.EnsureTopics(ctx)
		if len(created) > 0 {
			p.log.Info("created the teams' topics", "topics", len(created))
		}
		err = errors.Join(err, p.observer.EnsureGroups(ctx))
		if err == nil || ctx.Err() != nil {
			return
		}
		if tries == 1 {
			p.log.Warn("cannot create all that the teams need yet; retrying", "error", err)
		}

		if !kafka.Sleep(ctx, wait(tries)) {
			return
		}
	}
}

// commands are the instructor's commands: those of the game, and those that act on Kafka.
type commands struct {
	*referee.Referee
	observer *observe.Observer
	group    func(team int) string
	sheet    workshop.Sheet
	ballot   *ballot.Ballot
}

// GoToStep begins a step of the run sheet, and then asks the producer for the step's load. In this order, a class without a
// producer can go on.
func (c commands) GoToStep(ctx context.Context, number int) error {
	if err := c.Referee.GoToStep(ctx, number); err != nil {
		return err
	}

	step := c.sheet.Steps[number-1]
	wanted := step.Wanted(number)
	if wanted.Empty() {
		return nil
	}
	if err := c.SetLoad(ctx, wanted); err != nil {
		return fmt.Errorf("step %d, %s, has begun, but %w", number, step.Title, err)
	}
	return nil
}

// SetLoad asks the producer for a load.
func (c commands) SetLoad(ctx context.Context, w workshop.Wanted) error {
	if err := c.observer.SetLoad(ctx, w); err != nil {
		return fmt.Errorf("%w: %w", game.ErrLoadNotSet, err)
	}
	return nil
}

// SetOffsets sets an empty group's committed offsets to the topic's latest or earliest offsets.
func (c commands) SetOffsets(ctx context.Context, team int, to string) error {
	if err := c.observer.SetOffsets(ctx, c.group(team), to); err != nil {
		return kafkaError(err)
	}
	return c.Note(ctx, team, "the group's offsets are set to "+to)
}

// RemoveMember removes a member from its group.
func (c commands) RemoveMember(ctx context.Context, team int, member string) error {
	if err := c.observer.RemoveMember(ctx, c.group(team), member); err != nil {
		return kafkaError(err)
	}
	return c.Note(ctx, team, "member "+member+" is removed from the group")
}

// kafkaError marks errors that the instructor cannot fix as game.ErrKafka.
func kafkaError(err error) error {
	if errors.Is(err, game.ErrGroupBusy) || errors.Is(err, game.ErrNoMember) {
		return err
	}
	return fmt.Errorf("%w: %w", game.ErrKafka, err)
}
