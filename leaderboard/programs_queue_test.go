package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/schema"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// crewSize is one more than there are partitions.
var crewSize = workshop.Queues.Partitions + 1

// Each program in the guide for a queue, as shown on the team's page, works in a share group with the settings of team.env:
// all workers of a team get jobs, one is killed and the others get its jobs, poison is rejected, and in the end no job is
// left. The others leave cleanly.
func TestTheGuidesWorkersShareAQueue(t *testing.T) {
	w := newLab(t, workshop.Queues, len(interop.Workers))
	var teams []*teamOfProgram
	for i, p := range interop.Workers {
		dir := t.TempDir()
		t.Run("prepare "+p.Name(), func(t *testing.T) { teams = append(teams, w.prepare(t, i+1, p, dir)) })
	}
	if len(teams) == 0 {
		return
	}

	stop := w.feedJobs(t)
	for _, team := range teams {
		for range crewSize {
			team.join(t)
		}
	}
	for _, team := range teams {
		t.Run(team.name, func(t *testing.T) {
			w.earn(t, team, game.Connected, game.Poison)
			w.awaitReports(t, team, "all workers", func(all []report) bool {
				return len(all) == crewSize && !slices.ContainsFunc(all, func(r report) bool { return r.Processed == 0 })
			})
			w.earn(t, team, game.Crew)

			// If a worker is killed during this job, another one gets it.
			long := workshop.Job{ID: "long-" + team.name, Kind: "send_invoice", WorkMS: 8000}
			if err := w.addJob(long); err != nil {
				t.Fatal(err)
			}
			killed := team.worksOn(t, long.ID)
			team.crash(t, killed)
			w.awaitReports(t, team, "a job that was delivered before", func(all []report) bool {
				return slices.ContainsFunc(all, func(r report) bool { return r.Redelivered > 0 })
			})
			w.earn(t, team, game.Redelivered)
		})
	}

	stop()
	for _, team := range teams {
		t.Run(team.name+" has done it all", func(t *testing.T) {
			w.until(t, team, "an empty queue", func(b game.Team) bool { return b.Lag != nil && *b.Lag == 0 && len(b.Rejected) == 0 })
			for m, running := range team.members {
				if !running.killed {
					team.leave(t, m)
				}
			}
			w.awaitReports(t, team, "goodbyes", func(all []report) bool {
				leaving := 0
				for _, r := range all {
					if r.leaving {
						leaving++
					}
				}
				return leaving == crewSize-1
			})
			w.until(t, team, "nobody but the killed one, for its session", func(b game.Team) bool { return len(b.Members) <= 1 })
		})
	}
}

// earn waits for badges.
func (w *lab) earn(t *testing.T, team *teamOfProgram, badges ...string) {
	t.Helper()
	w.until(t, team, fmt.Sprintf("the badges %v", badges), func(b game.Team) bool {
		return !slices.ContainsFunc(badges, func(badge string) bool {
			return !slices.ContainsFunc(b.Badges, func(e game.Earned) bool { return e.Badge == badge })
		})
	})
}

// A report is the last one that a worker published.
type report struct {
	workshop.WorkerStats
	leaving bool
}

// awaitReports waits for the reports of a team's workers, each of which must match docs/schemas/worker-stats.json.
func (w *lab) awaitReports(t *testing.T, team *teamOfProgram, what string, holds func([]report) bool) {
	t.Helper()
	s := schema.Open(t, "worker-stats")
	reader := w.Client(t, kgo.ConsumeTopics(w.Stats(team.number)), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	latest := map[string]report{}
	wait.For(t, what, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			if err := s.Check(r.Value); err != nil {
				t.Errorf("%s: %v", r.Value, err)
			}
			var got report
			if err := json.Unmarshal(r.Value, &got); err != nil {
				t.Error(err)
			}
			got.leaving = slices.ContainsFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == workshop.HeaderLeaving })
			latest[string(r.Key)] = got
		})

		var all []report
		var lines []string
		for key, r := range latest {
			all = append(all, r)
			lines = append(lines, fmt.Sprintf("%s %+v", key, r))
		}
		if holds(all) {
			return nil
		}
		for _, m := range team.members {
			out := m.output()
			lines = append(lines, "a member printed …"+out[max(0, len(out)-800):])
		}
		return fmt.Errorf("the reports:\n%s", strings.Join(lines, "\n"))
	})
}

// feedJobs produces four jobs a second, one in ten of them poison, until it is stopped.
func (w *lab) feedJobs(t *testing.T) (stop func()) {
	i := 0
	return w.feedWith(t, 250*time.Millisecond, func() error {
		i++
		return w.addJob(workshop.Job{ID: fmt.Sprintf("job-%d", i), Kind: "send_invoice", WorkMS: 400, Poison: i%10 == 5})
	})
}

func (w *lab) addJob(job workshop.Job) error {
	return w.client.ProduceSync(context.Background(), &kgo.Record{Topic: w.Topic(), Value: encoded(job)}).FirstErr()
}
