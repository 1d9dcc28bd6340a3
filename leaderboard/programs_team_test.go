package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A teamOfProgram is a team whose members are two copies of one of the guide's programs.
type teamOfProgram struct {
	name    string
	number  int
	reads   bool // it only reads, and publishes nothing
	dir     string
	words   []string
	env     []string
	members []*running
}

// running is a member's process.
type running struct {
	*exec.Cmd
	file   *os.File // its output
	done   chan error
	killed bool
}

func (r *running) output() string {
	text, _ := os.ReadFile(r.file.Name()) // only for messages and a search
	return string(text)
}

// join starts a member.
func (p *teamOfProgram) join(t *testing.T) {
	t.Helper()
	file, err := os.Create(filepath.Join(p.dir, fmt.Sprintf("member-%d.out", len(p.members))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // the process has its own

	m := &running{Cmd: exec.Command(p.words[0], p.words[1:]...), file: file, done: make(chan error, 1)}
	m.Dir = p.dir
	m.Env = p.env
	m.Stdout = file
	m.Stderr = file
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}

	go func() { m.done <- m.Wait() }()
	t.Cleanup(func() { _ = m.Process.Kill() }) // it has normally ended
	p.members = append(p.members, m)
}

// crash kills a member.
func (p *teamOfProgram) crash(t *testing.T, number int) {
	t.Helper()
	m := p.members[number]
	if err := m.Process.Kill(); err != nil {
		t.Errorf("member %d has ended before: %v: %s", number, err, m.output())
	}
	if err := <-m.done; err == nil {
		t.Errorf("member %d had ended well before it was killed", number)
	}
	m.killed = true
}

// worksOn waits until a worker prints that it works on a job, and returns the worker's number.
func (p *teamOfProgram) worksOn(t *testing.T, job string) (number int) {
	t.Helper()
	wait.Until(t, "a worker with "+job, func() bool {
		number = slices.IndexFunc(p.members, func(m *running) bool { return strings.Contains(m.output(), strconv.Quote(job)) })
		return number >= 0
	})
	return number
}

// interrupted is the exit status of a JVM that Ctrl+C ended, whatever its shutdown hooks did.
const interrupted = 130

// leave ends a member with Ctrl+C.
func (p *teamOfProgram) leave(t *testing.T, number int) {
	t.Helper()
	m := p.members[number]
	if err := m.Process.Signal(os.Interrupt); err != nil {
		t.Errorf("member %d has ended before: %v: %s", number, err, m.output())
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case err := <-m.done:
		out := m.output()
		if code := m.ProcessState.ExitCode(); code != 0 && code != interrupted {
			t.Errorf("Ctrl+C ended it with %v", err)
		}
		for _, trace := range []string{"Traceback", "\tat ", "\n    at ", "panic", "goroutine "} {
			if strings.Contains(out, trace) {
				t.Errorf("it printed a stack trace: …%s", out[max(0, len(out)-3000):])
			}
		}
	case <-ctx.Done():
		t.Errorf("Ctrl+C does not end it: …%s", m.output()[max(0, len(m.output())-1500):])
	}
}

// addUser produces a user. The numbers are chosen so that every partition has users who meet each row.
func (w *lab) addUser() error {
	i := len(w.users)
	pick := func(n int, meets, not string) string {
		if i/n%2 == 0 {
			return meets
		}
		return not
	}
	u := workshop.User{
		Email:            fmt.Sprintf("p%d@%s", i, pick(1, "Hotmail.com", "example.com")),
		CreditCardNumber: pick(2, "37", "42") + "0000",
		Industry:         pick(3, "Banking Computers Health", "Farming"),
		Profession:       pick(4, "Engineer", "Baker"),
		Premium:          i%3 > 0,
		Credit:           i*7%41 - 20,
		TimeZone:         pick(2, "Asia/Tokyo", "Europe/Rome"),
	}
	w.users = append(w.users, u)
	r := &kgo.Record{Topic: w.Topic(), Value: encoded(u)}
	return w.client.ProduceSync(context.Background(), r).FirstErr()
}

// feed produces users, about half of whom meet each row, until it is stopped.
func (w *lab) feed(t *testing.T) (stop func()) { return w.feedWith(t, 50*time.Millisecond, w.addUser) }

// feedWith adds one record after another until it is stopped.
func (w *lab) feedWith(t *testing.T, every time.Duration, add func() error) (stop func()) {
	end, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-end:
				ended <- nil
				return
			case <-tick.C:
				if err := add(); err != nil {
					ended <- err
					return
				}
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		close(end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// meet returns how many users meet the team's row. The feed must have stopped.
func (w *lab) meet(team int) int64 {
	n := int64(0)
	for i := range w.users {
		if workshop.CriterionOf(team).Match(&w.users[i]) {
			n++
		}
	}
	return n
}
