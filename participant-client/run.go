package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/pipeline"
	"kafka-workshop/participant-client/report"
	"kafka-workshop/participant-client/story"
)

// runCommand joins the group and reads.
type runCommand struct {
	Instances      int           `env:"WORKSHOP_INSTANCES" default:"1" help:"How many members to start in this process, 0 to 100."`
	Format         string        `env:"WORKSHOP_FORMAT" enum:"auto,tui,plain,json" default:"auto" help:"tui, plain or json; by default tui in a terminal, else plain."`
	From           string        `env:"WORKSHOP_FROM" enum:"earliest,latest" default:"earliest" help:"Where partitions without a commit begin: earliest or latest."`
	Assignor       string        `env:"WORKSHOP_ASSIGNOR" enum:"range,roundrobin,cooperative-sticky,server" default:"range" help:"How the group shares partitions: range, roundrobin, cooperative-sticky, or server (KIP-848)."`
	SessionTimeout time.Duration `env:"WORKSHOP_SESSION_TIMEOUT" placeholder:"10s" help:"How long the group waits for a silent member; not with --assignor server, where the broker decides."`
	Commit         string        `env:"WORKSHOP_COMMIT" enum:"auto,manual" default:"auto" help:"auto commits each --commit-interval, manual after each batch."`
	CommitInterval time.Duration `env:"WORKSHOP_COMMIT_INTERVAL" default:"5s" help:"How often to commit."`
	Slow           time.Duration `env:"WORKSHOP_SLOW" default:"0s" help:"Wait this long for each record, as in 50ms."`
	Filter         string        `env:"WORKSHOP_FILTER" placeholder:"EXPR" help:"Make an action of each user that meets this, as in: email contains \"hotmail\"."`
	Type           string        `env:"WORKSHOP_TYPE" help:"The action's type, as in CONTACT_CUSTOMER."`
	Reason         string        `env:"WORKSHOP_REASON" help:"The action's reason, as in LEGACY_EMAIL_PROVIDER."`
	Solve          bool          `env:"WORKSHOP_SOLVE" help:"Use the team's own row of the table as filter, type and reason."`
	Stats          bool          `env:"WORKSHOP_STATS" help:"Keep counts of each partition on the team's stats topic, and continue those of the owner before."`
	ExactlyOnce    bool          `env:"WORKSHOP_EXACTLY_ONCE" help:"Publish actions and commit offsets in one transaction, so that nothing counts twice."`
	Code           string        `env:"WORKSHOP_CODE" hidden:"" help:"Your team's code, so that votes count for the team."`
	Vitals         time.Duration `hidden:"" help:"Print to stderr this often how many goroutines there are: for a soak."`
	Lock           time.Duration `env:"WORKSHOP_LOCK" default:"15s" help:"Queues: how long a worker may hold a record. It renews the broker's lock until then, or gives the record back earlier."`
	OnPoison       string        `env:"WORKSHOP_ON_POISON" enum:"reject,release,crash" default:"reject" help:"Queues: what a worker does with a job that cannot be done: reject, release or crash."`
	MaxRecords     int64         `env:"WORKSHOP_MAX_RECORDS" default:"0" help:"Leave after this many records; 0 for no limit."`
}

// Run is called by the command line.
func (c *runCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	if err := checkFlags(env.flags.Lesson, env.given); err != nil {
		return err
	}

	ctx, stop := untilHangup(env.ctx)
	defer stop()
	env.ctx = ctx
	if env.flags.Lesson.Share {
		return c.runWorkers(env)
	}
	cfg, err := c.config(env.flags)
	if err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	if err := c.addPipeline(env.flags, &cfg); err != nil {
		return err
	}
	if err := c.keepCounts(env.flags, &cfg); err != nil {
		return err
	}

	if c.format(env.stdout) == "tui" {
		return c.screen(env, cfg)
	}
	return c.lines(env, cfg)
}

// config returns the members' configuration for the flags.
func (c *runCommand) config(flags *commandLine) (member.Config, error) {
	cfg := member.Config{
		Kafka: flags.Config, Group: flags.group(), Topic: flags.topic(),
		Assignor: c.Assignor, From: c.From, SessionTimeout: c.SessionTimeout,
		Manual: c.Commit == "manual", CommitInterval: c.CommitInterval, Slow: c.Slow, MaxRecords: c.MaxRecords,
	}

	switch {
	case cfg.Group == "":
		return cfg, cli.Usagef("no team yet: run %s join with the address that the board shows, or use --team N or --group NAME", program)
	case c.Instances < 0 || c.Instances > 100:
		return cfg, cli.Usagef("--instances %d: use 0 to 100", c.Instances)
	case c.Assignor == member.Server && c.SessionTimeout != 0:
		return cfg, cli.Usagef("--session-timeout has no effect with --assignor server, where the broker sets it: remove it")
	case c.Assignor != member.Server && c.SessionTimeout == 0:
		cfg.SessionTimeout = 10 * time.Second
	}
	cfg.ClientID = clientID(flags.Team, cfg.Group)
	return cfg, nil
}

// maxClientIDPart limits each of the two parts of a client ID, in bytes: the library allows 256 in total, and a group's
// name may have 255.
const maxClientIDPart = 100

// clientID returns the start of the client IDs of this process's members, as in team-7-laptop-4711. A member's number
// follows.
func clientID(team int, group string) string {
	who := group
	if team > 0 {
		who = workshop.TeamID(team)
	}
	return shorten(who) + "-" + processName()
}

// shorten cuts a part of a client ID between two characters.
func shorten(text string) string {
	if len(text) <= maxClientIDPart {
		return text
	}

	end := maxClientIDPart
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// instance returns the name of a member of this process, unique in the team.
func instance(number int) string { return fmt.Sprintf("%s-%d", processName(), number) }

// processName names this process among all that a team runs.
func processName() string { return fmt.Sprintf("%s-%d", hostname(), os.Getpid()) }

func hostname() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "laptop"
	}
	host, _, _ = strings.Cut(host, ".")
	return shorten(host)
}

// addPipeline sets what members do with records, if it is more than reading them.
func (c *runCommand) addPipeline(flags *commandLine, cfg *member.Config) error {
	pc := pipeline.Config{
		Room: flags.Room, Team: flags.Team, Filter: c.Filter, Type: c.Type, Reason: c.Reason, Solve: c.Solve,
	}
	switch {
	case !pc.On() && c.ExactlyOnce:
		return cli.Usagef("--exactly-once needs actions to publish: use --filter or --solve")
	case !pc.On():
		return nil
	case !flags.Lesson.Actions:
		return cli.Usagef("--filter and --solve belong to the scale-up lesson: %s has no actions", flags.Lesson.Name)
	}

	p, err := pipeline.New(pc)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	cfg.Handler = p
	if c.ExactlyOnce {
		cfg.TransactionalID = func(number int) string { return flags.TransactionalID(flags.Team, instance(number)) }
	}
	return nil
}

// endOf returns the last line of a run; false if no member was started.
func endOf(members *member.Group, cfg member.Config) (story.Sentence, bool) {
	if members == nil {
		return story.Sentence{}, false
	}
	unreadable := int64(0)
	if p, ok := cfg.Handler.(interface{ Unreadable() int64 }); ok {
		unreadable = p.Unreadable()
	}
	return story.EndOf(members.Totals(), unreadable, time.Now())
}

// keepCounts makes members count by partition, and continue earlier counts.
func (c *runCommand) keepCounts(flags *commandLine, cfg *member.Config) error {
	switch {
	case !c.Stats:
		return nil
	case flags.Team < 1:
		return cli.Usagef("--stats needs --team: the counts are on the team's stats topic")
	case !flags.Lesson.Actions:
		return cli.Usagef("--stats belongs to the scale-up lesson: %s has no stats topics", flags.Lesson.Name)
	}
	cfg.Handler = &pipeline.Counts{
		Handler: cfg.Handler, Team: workshop.TeamID(flags.Team), Source: cfg.Topic, Topic: flags.Stats(flags.Team),
	}
	return nil
}

// runMembers runs the members until all have ended, and publishes stats if there is a pipeline. It passes them to use first.
func (c *runCommand) runMembers(ctx context.Context, env environment, cfg member.Config, sink member.Sink, use func(*member.Group)) error {
	var stats *pipeline.Stats
	if cfg.Handler != nil {
		stats = &pipeline.Stats{
			Sink:     sink,
			Team:     workshop.TeamID(env.flags.Team),
			Topic:    env.flags.Stats(env.flags.Team),
			Instance: instance,
		}
		sink = stats
	}
	members, err := member.New(cfg, sink, kafkaLog(env))
	if err != nil {
		return cli.UsageError{Err: err}
	}
	use(members)

	if stats != nil {
		var publishing sync.WaitGroup
		statsCtx, stop := context.WithCancel(context.Background())
		publishing.Go(func() { stats.Run(statsCtx, members) })
		defer func() { stop(); publishing.Wait() }()
	}
	return members.Run(ctx, c.Instances)
}

// lines runs with plain or JSON output. It ends without an error when stdout is closed.
func (c *runCommand) lines(env environment, cfg member.Config) error {
	writers := c.newLineWriters(env)
	defer writers.close()
	var members *member.Group
	partitions := func() int { return len(members.Snapshot().Group.Lanes) }
	explainer := &story.Explainer{Group: cfg.Group, Partitions: partitions, Timeout: cfg.SessionTimeout}
	var reader *story.Reader
	shown := report.Members{
		Several: c.Instances != 1, Palette: report.NewPalette(env.stdout, os.Environ()),
		Colour: func(instance int) int { return reader.Colour(instance) },
	}
	out := report.Plain(env.flags.Lesson, shown, explainer, env.stdout, env.stderr, writers.gone)
	switch {
	case c.format(env.stdout) == "json":
		out = report.JSON(explainer, env.stdout, writers.gone)
	case env.flags.Lesson.Name == workshop.RebalancingDemo.Name:
		out.Starting(cfg.Group)
	}

	reader = story.NewReader(c.story(env, cfg), out)
	writers.start(out.Run)
	err := c.runMembers(writers.ctx, env, cfg, reader, func(started *member.Group) {
		members = started
		writers.start(func(ctx context.Context) { reader.Run(ctx, started, out.Note) })
	})
	writers.stop()
	if last, ok := endOf(members, cfg); ok {
		out.Note(last)
	}
	_ = out.Flush() // its error is the cause of the writers' context
	return writers.finish(err)
}

func (c *runCommand) format(stdout io.Writer) string {
	if c.Format != "auto" {
		return c.Format
	}
	if isTerminal(stdout) {
		return "tui"
	}
	return "plain"
}

// kafkaLog returns the log of the Kafka library, which only --log-level debug shows: the client explains errors itself.
func kafkaLog(env environment) *slog.Logger {
	if env.flags.LogLevel != "debug" {
		return nil
	}
	return env.flags.Logger(env.stderr)
}
