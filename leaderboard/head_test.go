package main

import (
	"context"
	"log/slog"
	"testing"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve/httpservetest"
)

func TestRoutesAreDocumented(t *testing.T) {
	httpservetest.CheckDocumented(t, serving(t).engine(), "../docs/api.md")
}

func TestHeadAnswersAsGetDoes(t *testing.T) {
	httpservetest.CheckHeads(t, serving(t).engine(), headToken, map[string]string{
		":team": "7", ":code": "ABCDEFGHJ", ":lesson": "scale-up", "/assets/:name": "/assets/board.css", "/downloads/:name": "/downloads/nothing",
	})
}

const headToken = "a-token-of-the-tests"

// serving returns the parts of a leaderboard without Kafka and Postgres. Its referee runs, because some routes need it.
func serving(t *testing.T) *parts {
	t.Helper()
	var f flags
	args := []string{"--database-url", "postgres://127.0.0.1:1/none", "--instructor-token", headToken, "--secret", "a secret of this test alone"}
	if _, err := cli.Parse("leaderboard", "", &f, args, t.Output(), t.Output()); err != nil {
		t.Fatal(err)
	}
	if err := f.validate(); err != nil {
		t.Fatal(err)
	}
	p, err := connect(f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)

	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.referee.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return p
}
