// Command producer-svc feeds the lesson's topic at a rate that the instructor turns live, and serves
// the control panel to do it with.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/producer-svc/control"
	"kafka-workshop/producer-svc/panel"
)

func main() { os.Exit(cli.Main("producer-svc", run)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	parsed, err := cli.Parse("producer-svc", "Produces the lesson's records at a rate that you turn live.", &f, args, stdout, stderr)
	if err != nil || parsed == nil {
		return err
	}
	cfg, err := f.desk(stdout, stderr)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	ctx, cancel := f.Context(ctx)
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
				cfg.Log.Warn("no more lines on standard output", "error", err)
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

func announce(log *slog.Logger, addr string, f flags) {
	log.Info("control panel", "url", "http://"+addr, "lesson", f.Lesson)
	if f.HTTP.InstructorToken == "" {
		log.Warn("nobody can turn the load: set INSTRUCTOR_TOKEN")
	}
}
