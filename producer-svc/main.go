// Command producer-svc produces the lesson's records at a rate that the instructor sets live, and
// serves the control panel for it.
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
	"kafka-workshop/producer-svc/load"
	"kafka-workshop/producer-svc/panel"
)

func main() { os.Exit(cli.Main("producer-svc", run)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	parsed, err := cli.Parse("producer-svc", "Produces the lesson's records at a rate that you turn live.", &f, args, stdout, stderr)
	if err != nil || parsed == nil {
		return err
	}
	cfg, err := f.config(stderr)
	if err != nil {
		return cli.UsageError{Err: err}
	}

	ctx, cancel := f.Context(ctx)
	defer cancel()
	ln, err := httpserve.Listen(f.Listen)
	if err != nil {
		return err
	}
	controller, err := control.New(cfg)
	if err != nil {
		_ = ln.Close()
		return err
	}
	pages := panel.New(panel.Config{
		Controller: controller, Auth: httpserve.NewAuth(f.HTTP.InstructorToken), BoardURL: f.HTTP.PublicURL, Log: cfg.Log,
	})
	logStart(cfg.Log, ln.Addr().String(), f)

	if cfg.Lines != nil {
		stop := printLines(cfg.Lines, stdout, cfg.Log)
		defer stop()
	}

	serving := make(chan error, 1)
	go func() {
		defer cancel()
		serving <- httpserve.Serve(ctx, ln, pages.Handler(), cfg.Log)
	}()
	var updates sync.WaitGroup
	updates.Go(func() { pages.Run(ctx) })

	controller.Run(ctx)
	updates.Wait()
	return <-serving
}

// printLines prints records in the background. stop prints the remaining ones and returns.
func printLines(lines *load.Lines, stdout io.Writer, log *slog.Logger) (stop func()) {
	produced := make(chan struct{})
	var printing sync.WaitGroup
	printing.Go(func() {
		if err := lines.Write(stdout, produced); err != nil {
			log.Warn("printing of records stopped", "error", err)
		}
	})

	return func() {
		close(produced)
		printing.Wait()
	}
}

func logStart(log *slog.Logger, addr string, f flags) {
	log.Info("control panel", "url", "http://"+addr, "lesson", f.Lesson)
	if f.HTTP.InstructorToken == "" {
		log.Warn("nobody can log in to the control panel: set INSTRUCTOR_TOKEN")
	}
}
