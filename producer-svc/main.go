// Command producer-svc feeds the lesson's topic at a rate that the instructor turns live, and serves
// the control panel to do it with.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/control"
	"kafka-workshop/producer-svc/load"
	"kafka-workshop/producer-svc/panel"

	"github.com/alecthomas/kong"
)

// flags is the command line.
type flags struct {
	cli.Env
	cli.Log
	cli.Parent
	kafka.Config
	HTTP httpserve.Config `embed:""`

	Listen    string             `env:"PRODUCER_LISTEN" default:"127.0.0.1:8081" help:"Address of the control panel."`
	Lesson    string             `env:"WORKSHOP_LESSON" default:"scale-up" help:"What is taught: scale-up, rebalancing-demo or web-events."`
	Namespace workshop.Namespace `env:"WORKSHOP_NAMESPACE" help:"Goes before every topic and group name, as in spring."`
	Teams     int                `env:"WORKSHOP_TEAMS" default:"15" hidden:"" help:"Shared with the other programs; not used here."`
	Rate      *float64           `env:"PRODUCER_RATE" help:"Records per second, 0 to 1000000, until the instructor sets another. The lesson's rate by default."`
	Keys      string             `env:"PRODUCER_KEYS" help:"Keys until the instructor sets others: null, user, fixed or hot. The lesson's by default."`
	Print     bool               `env:"PRODUCER_PRINT" help:"Print a line per record on standard output."`
	Version   kong.VersionFlag   `help:"Print the version and end."`
}

func main() { os.Exit(cli.Main("producer-svc", run)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	parsed, err := cli.Parse("producer-svc", "Produces the lesson's records at a rate that you turn live.", &f, args, stdout)
	if err != nil || parsed == nil {
		return err
	}
	cfg, err := f.desk(stdout, stderr)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	ctx, cancel := f.Parent.Context(ctx)
	defer cancel()
	ln, err := httpserve.Listen(f.Listen)
	if err != nil {
		return err
	}
	desk, err := control.New(cfg)
	if err != nil {
		_ = ln.Close()
		return err
	}
	pages := panel.New(panel.Config{
		Load: desk, Auth: httpserve.NewAuth(f.HTTP.InstructorToken), BoardURL: f.HTTP.PublicURL, Log: cfg.Log,
	})
	announce(cfg.Log, ln.Addr().String(), f)
	var parts sync.WaitGroup
	defer parts.Wait()
	if cfg.Lines != nil {
		produced := make(chan struct{})
		defer close(produced)
		parts.Go(func() {
			if err := cfg.Lines.Write(stdout, produced); err != nil {
				cfg.Log.Warn("no more lines on standard output", "err", err)
			}
		})
	}
	serving := make(chan error, 1)
	go func() {
		defer cancel()
		serving <- httpserve.Serve(ctx, ln, pages.Handler(), cfg.Log)
	}()
	var feed sync.WaitGroup
	feed.Go(func() { pages.Run(ctx) })
	desk.Run(ctx)
	feed.Wait()
	return <-serving
}

// desk checks the command line and makes of it what a Desk needs.
func (f *flags) desk(stdout, stderr io.Writer) (control.Config, error) {
	lesson, err := workshop.LessonNamed(f.Lesson)
	if err != nil {
		return control.Config{}, err
	}
	for _, check := range []error{f.Namespace.Validate(), f.HTTP.Validate(f.Listen), f.Config.Validate()} {
		if check != nil {
			return control.Config{}, check
		}
	}
	initial := load.Default(lesson)
	if f.Rate != nil {
		initial.Rate = *f.Rate
	}
	if f.Keys != "" {
		initial.Keys = f.Keys
	}
	if err := load.Check(initial); err != nil {
		return control.Config{}, fmt.Errorf("--%w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	cfg := control.Config{
		Kafka: f.Config, Namespace: f.Namespace, Lesson: lesson, Initial: initial,
		Holder: fmt.Sprintf("%s pid %d", host, os.Getpid()), Log: f.Logger(stderr),
	}
	if f.Print {
		cfg.Lines = load.NewLines()
	}
	return cfg, nil
}

func announce(log *slog.Logger, addr string, f flags) {
	log.Info("control panel", "url", "http://"+addr, "lesson", f.Lesson)
	if f.HTTP.InstructorToken == "" {
		log.Warn("nobody can turn the load: set INSTRUCTOR_TOKEN")
	}
}
