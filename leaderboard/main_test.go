package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"

	"go.uber.org/goleak"
)

// asProgram makes the test binary the program itself, for tests that need a separate process.
const asProgram = "LEADERBOARD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main("leaderboard", run))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("kafka-workshop/internal/postgres.(*Server).launch.func1"))
}

func TestACommandLineThatIsWrongIsOneLine(t *testing.T) {
	for _, args := range []string{
		"", "--database-url nonsense", "--database-url postgres://u:geheim@h:x/db", "--teams 0 --database-url postgres://h/db",
		"--lesson none --database-url postgres://h/db", "--namespace a --database-url postgres://h/db",
		"--listen 0.0.0.0:0 --database-url postgres://h/db", "--downloads /nowhere --database-url postgres://h/db", "--wrong",
		"--listen 0.0.0.0:0 --instructor-token 0123456789abcdef --database-url postgres://h/db",
		"--brokers nonsense --database-url postgres://h/db", "--roster /nowhere --database-url postgres://h/db",
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		status := cli.Status("leaderboard", err, &out)
		if status != cli.UsageWrong || strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "geheim") {
			t.Errorf("%q: status %d, %s", args, status, out.String())
		}
	}
}

func TestAFrozenProcessLosesTheLockAndWritesNothingWhenItWakes(t *testing.T) {
	kafka, database := kafkatest.New(t), postgrestest.URL(t)
	first := start(t, kafka, database)
	first.ready(t, http.StatusOK)
	second := start(t, kafka, database)
	second.ready(t, http.StatusOK)
	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the second holds the room", func() bool {
		return second.act(t, "message", `{"text":"the second holds it"}`) == http.StatusOK
	})
	if err := first.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the woken one shows what the second shows", func() bool {
		b, ready := first.board()
		if ready && b.Message != "the second holds it" {
			t.Fatalf("the woken one tells programs of %+v", b)
		}
		return ready
	})
	wait.Until(t, "the woken one freezes nothing", func() bool { return first.freeze(t) == http.StatusServiceUnavailable })
	if b, _ := second.board(); b.Frozen {
		t.Error("the woken one froze the board")
	}
	if got := second.freeze(t); got != http.StatusOK {
		t.Errorf("the holder answers %d", got)
	}
	if err := second.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the room at the first one, frozen already", func() bool { return first.freeze(t) == http.StatusConflict })
}

func TestSIGTERMEndsItInTime(t *testing.T) {
	p := start(t, kafkatest.New(t), postgrestest.URL(t))
	p.ready(t, http.StatusOK)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-ctx.Done():
		t.Error("it still runs after 5 s")
	}
}
