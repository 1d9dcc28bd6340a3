package main

import (
	"log/slog"
	"testing"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve/httpservetest"
)

func TestHeadAnswersAsGetDoes(t *testing.T) {
	const token = "a-token-of-the-tests"
	var f flags
	args := []string{"--database-url", "postgres://127.0.0.1:1/none", "--instructor-token", token, "--secret", "a secret of this test alone"}
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
	defer p.observer.Close()

	httpservetest.CheckHeads(t, p.engine(), token, map[string]string{
		":team": "7", ":code": "ABCDEFGHJ", ":lesson": "scale-up", "/assets/:name": "/assets/board.css", "/downloads/:name": "/downloads/nothing",
	})
}
