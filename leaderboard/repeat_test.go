package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
)

// repeat calls do at once and then at this interval, until the test ends or stop is called. stop waits for the last call.
func repeat(t *testing.T, every time.Duration, do func(ctx context.Context, n int)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			do(ctx, n)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	})
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(stop)
	return stop
}

// A clientProcess is the shipped client in its own process.
type clientProcess struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when its output has been read to the end
}

// startClient starts a client that runs until the test ends. Its lines on stdout go to hear.
func startClient(t *testing.T, programs string, c *kafkatest.Cluster, stderr io.Writer, hear func(line []byte), args ...string) *clientProcess {
	t.Helper()
	p := &clientProcess{cmd: exec.Command(filepath.Join(programs, "participant-client"), args...), ended: make(chan struct{})}
	p.cmd.Env = environment(c)
	p.cmd.Stderr = stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			hear(lines.Bytes())
		}
		_ = p.cmd.Wait() // a kill is part of the test
	}()
	t.Cleanup(p.kill)
	return p
}

// kill sends SIGKILL. A second call does nothing.
func (p *clientProcess) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// interrupt sends Ctrl+C. It returns when the process has ended.
func (p *clientProcess) interrupt() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have ended
	<-p.ended
}
