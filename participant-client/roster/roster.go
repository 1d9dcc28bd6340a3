// Package roster tracks what one process runs in a group, members or workers, each under a number.
package roster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// ErrNotConnected is returned by a Start before the cluster and the topic are found, and when the run is over.
var ErrNotConnected = errors.New("not connected to Kafka yet")

// A Kind describes what a Roster runs.
type Kind[R any] struct {
	Noun  string       // for errors: "member"
	Runs  func(R) bool // has neither left nor crashed
	Leave func(R)      // begins to leave
}

// A Roster is a part of a group. It shares the group's lock and map, so that the group can change more under that lock.
type Roster[R any] struct {
	kind Kind[R]
	mu   *sync.Mutex // guards what follows
	all  map[int]R

	running context.Context
	stop    context.CancelCauseFunc

	ended sync.WaitGroup // goroutines of those that run
}

// New returns a Roster over a group's map, which the lock guards.
func New[R any](kind Kind[R], mu *sync.Mutex, all map[int]R) *Roster[R] {
	return &Roster[R]{kind: kind, mu: mu, all: all}
}

// Open makes Running true until running ends, which stop does, and starts the first few. An error ends the run.
func (r *Roster[R]) Open(running context.Context, first int, start func() (int, error)) {
	r.mu.Lock()
	r.running = running
	r.mu.Unlock()

	for range first {
		if _, err := start(); err != nil {
			r.End(err)
			return
		}
	}
}

// UseStop sets the function that ends the run.
func (r *Roster[R]) UseStop(stop context.CancelCauseFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = stop
}

// Running reports whether one more may start. The caller holds the lock.
func (r *Roster[R]) Running() bool { return r.running != nil && r.running.Err() == nil }

// Context returns a context that ends with the run, or nil before a run.
func (r *Roster[R]) Context() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running
}

// Go calls run in a goroutine; LeaveAll waits for it.
func (r *Roster[R]) Go(run func()) { r.ended.Go(run) }

// All returns everything that is listed, in no order.
func (r *Roster[R]) All() []R {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.all))
}

// Get returns the one with a number, if it runs.
func (r *Roster[R]) Get(number int) (one R, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one, listed := r.all[number]; listed && r.kind.Runs(one) {
		return one, nil
	}
	return one, fmt.Errorf("%s %d is not running", r.kind.Noun, number)
}

// With calls do with the one with a number, if it runs.
func (r *Roster[R]) With(number int, do func(R)) error {
	one, err := r.Get(number)
	if err == nil {
		do(one)
	}
	return err
}

// LeaveAll makes all of them leave concurrently, and waits for them. No more can start.
func (r *Roster[R]) LeaveAll() {
	r.mu.Lock()
	r.running = nil
	r.mu.Unlock()

	for _, one := range r.All() {
		r.kind.Leave(one)
	}
	r.ended.Wait()
}

// End ends the run; the first reason counts.
func (r *Roster[R]) End(reason error) {
	r.mu.Lock()
	stop := r.stop
	r.mu.Unlock()
	if stop != nil {
		stop(reason)
	}
}
