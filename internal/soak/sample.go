package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// vitals are a program's values that must not grow.
type vitals struct {
	MB, Goroutines, Files float64
}

// asksEach is the number of samples between two questions.
const asksEach = 3

// sample is one look at everything.
type sample struct {
	At         time.Duration // since the groups were full
	Programs   []vitals      // in the order of programs
	Heap       float64       // MB to which the collector of a leaderboard lets the heap grow, the most of any: twice what is live
	Rate       float64       // records per second that the broker acknowledges
	Full       int           // groups with all members owning
	Lag        int64         // the largest of any group
	Age        time.Duration // of the oldest board that a leaderboard shows
	Open       int64         // event streams
	Events     int64         // of all of them, so far
	Reconnects int64         // so far
	Votes      int           // accepted, so far
}

// seen is everything that a run recorded.
type seen struct {
	Flags     flags
	Samples   []sample
	Kill      *kill // nil without one
	Questions int
	Votes     int
	Faults    []error
}

// programs returns the names of the sampled programs; the vitals of the last are the mean of all clients'.
func programs(replicas int) []string {
	names := []string{"producer-svc"}
	for i := range replicas {
		names = append(names, boardName(i))
	}
	return append(names, "client")
}

// watch takes samples, and prints a line for each. Between samples it asks a question now and then.
func (c *class) watch(ctx context.Context, out io.Writer) (*seen, error) {
	fmt.Fprint(out, header(c.flags.Replicas))
	s := &seen{Flags: c.flags}
	begun := time.Now()
	tick := time.NewTicker(c.flags.Every)
	defer tick.Stop()
	for n := 1; time.Since(begun) < c.flags.For; n++ {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stopped after %v of %v", time.Since(begun).Round(time.Second), c.flags.For)
		case <-tick.C:
		}
		if err := c.alive(); err != nil {
			return nil, err
		}

		if n%asksEach == 0 {
			if err := c.act(ctx, s, begun); err != nil {
				return nil, err
			}
		}

		look, err := c.measure(ctx)
		if err != nil {
			return nil, err
		}
		look.At, look.Votes = time.Since(begun), s.Votes
		s.Samples = append(s.Samples, look)
		fmt.Fprint(out, s.line())
	}
	return s, nil
}

// act asks a question and, once, kills the holder of the room while it is open.
func (c *class) act(ctx context.Context, s *seen, begun time.Time) error {
	due := c.flags.Replicas > 1 && s.Kill == nil && time.Since(begun) >= c.flags.killAfter()
	if len(c.voters) == 0 && !due {
		return nil
	}

	fault, err := c.question(ctx, func() (err error) {
		if !due {
			return nil
		}
		if err := c.stored(ctx); err != nil {
			return err
		}
		if s.Kill, err = c.killHolder(ctx); err == nil {
			s.Kill.At = time.Since(begun)
		}
		return err
	})
	if err != nil {
		return err
	}

	s.Questions++
	s.Votes += len(c.voters)
	if fault != nil {
		s.Faults = append(s.Faults, fmt.Errorf("question %d: %w", s.Questions, fault))
	}
	return nil
}

func header(replicas int) string {
	names, units := "        |", "   time |"
	for _, name := range programs(replicas) {
		names += fmt.Sprintf(" %15s |", name)
		units += "   MB  gor. files |"
	}
	return names + "\n" + units + " records/s groups      lag    heap   age | viewers events/s reconn.  votes\n"
}

// line formats the last sample.
func (s *seen) line() string {
	now := s.Samples[len(s.Samples)-1]
	var before sample
	if n := len(s.Samples); n > 1 {
		before = s.Samples[n-2]
	}

	var b strings.Builder
	fmt.Fprintf(&b, "%5.0f s |", now.At.Seconds())
	for _, v := range now.Programs {
		fmt.Fprintf(&b, " %5.1f %5.0f %3.0f |", v.MB, v.Goroutines, v.Files)
	}
	events := float64(now.Events-before.Events) / (now.At - before.At).Seconds()
	fmt.Fprintf(&b, " %9.0f %6d %8d %7.1f %4.1fs | %7d %8.0f %7d %6d\n",
		now.Rate, now.Full, now.Lag, now.Heap, now.Age.Seconds(), now.Open, events, now.Reconnects, now.Votes)
	return b.String()
}

func (c *class) measure(ctx context.Context) (sample, error) {
	var s sample
	producer, err := c.service(ctx, "producer-svc", c.panel)
	if err != nil {
		return s, err
	}
	s.Rate = producer["producer_achieved_rate"]
	s.Programs = append(s.Programs, vitalsOf(producer))

	for i, addr := range c.boards {
		m, err := c.service(ctx, boardName(i), addr)
		if err != nil {
			return s, err
		}
		s.Programs = append(s.Programs, vitalsOf(m))
		s.Heap = max(s.Heap, m["go_memstats_next_gc_bytes"]/(1<<20))

		b, err := c.ready(ctx, addr)
		if err != nil {
			return s, fmt.Errorf("%s: %w", boardName(i), err)
		}
		s.Age = max(s.Age, time.Since(b.AsOf))
		s.Full, s.Lag = b.groups(c.flags.Members)
	}

	client, err := c.meanClient()
	if err != nil {
		return s, err
	}
	s.Programs = append(s.Programs, client)
	s.Open, s.Events, s.Reconnects = c.viewers.open.Load(), c.viewers.events.Load(), c.viewers.reconnects.Load()
	return s, nil
}

// service returns the metrics of a service. It fails if somebody else restarted the service.
func (c *class) service(ctx context.Context, name, addr string) (map[string]float64, error) {
	m, err := c.metrics(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	started := m["process_start_time_seconds"]
	if before, known := c.started[name]; known && started != before {
		return nil, fmt.Errorf("%s ended and was started again", name)
	}
	c.started[name] = started
	return m, nil
}

func vitalsOf(m map[string]float64) vitals {
	return vitals{m["process_resident_memory_bytes"] / (1 << 20), m["go_goroutines"], m["process_open_fds"]}
}

func (c *class) meanClient() (mean vitals, err error) {
	n := float64(len(c.clients))
	for _, k := range c.clients {
		v, err := k.vitals()
		if err != nil {
			return mean, err
		}
		mean.MB += v.MB / n
		mean.Goroutines += v.Goroutines / n
		mean.Files += v.Files / n
	}
	return mean, nil
}
