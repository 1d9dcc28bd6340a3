// Command soak runs a whole class on Apache Kafka for a while and checks that nothing grows: memory, goroutines and
// open files of the producer service, the leaderboards and the participants' clients. It starts what deploy/kafka and
// deploy/local start, more leaderboards of the same room, and the clients. Viewers follow the board's events and voters
// answer questions. After a third of the time it kills the leaderboard that holds the room, and the room must continue.
// It needs Linux.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/process"
)

func main() { os.Exit(cli.Main("soak", run)) }

// flags are the command line.
type flags struct {
	cli.Env
	For      time.Duration `env:"SOAK_FOR" default:"10m" help:"How long to watch, from when all groups are full."`
	Every    time.Duration `env:"SOAK_EVERY" default:"10s" help:"Time between two looks."`
	Rate     float64       `env:"SOAK_RATE" default:"10000" help:"Records per second."`
	Teams    int           `env:"SOAK_TEAMS" default:"30" help:"How many teams, each with one group."`
	Members  int           `env:"SOAK_MEMBERS" default:"3" help:"Members of each group, in one client."`
	Solving  int           `env:"SOAK_SOLVING" default:"2" help:"How many of the teams also publish actions."`
	Users    int           `env:"REMEMBER_USERS" default:"2000000" help:"Users that the leaderboard remembers; until it has seen so many, its memory grows."`
	Replicas int           `env:"SOAK_REPLICAS" default:"3" help:"How many leaderboards; of several, the one that holds the room is killed after a third of the time."`
	Viewers  int           `env:"SOAK_VIEWERS" default:"300" help:"Event streams of the board, spread over the leaderboards."`
	Voters   int           `env:"SOAK_VOTERS" default:"300" help:"Voters on each question, spread over the leaderboards; 0 asks no questions."`
	Data     string        `env:"SOAK_DATA" placeholder:"DIR" help:"Folder for everything, some GB; by default a temporary one that is removed."`
}

// validate names the flag at fault.
func (f *flags) validate() error {
	rest := f.For
	if f.Replicas > 1 {
		rest -= f.killAfter()
	}

	switch {
	case f.Every < time.Second || rest < (leastSamples+asksEach)*f.Every:
		return fmt.Errorf("--for %v --every %v: watch for %d looks or more behind the kill, a second or more apart", f.For, f.Every, leastSamples+asksEach)
	case f.Rate < 0 || f.Rate > 1e6:
		return fmt.Errorf("--rate %v: use 0 to 1000000", f.Rate)
	case f.Teams < 1 || f.Members < 1 || f.Members > 5:
		return fmt.Errorf("--teams %d --members %d: use at least 1, and at most 5 members", f.Teams, f.Members)
	case f.Replicas < 1 || f.Replicas > 9:
		return fmt.Errorf("--replicas %d: use 1 to 9", f.Replicas)
	case f.Viewers < 0 || f.Voters < 0 || f.Viewers > 5000 || f.Voters > 5000:
		return fmt.Errorf("--viewers %d --voters %d: use 0 to 5000, which is what one address may have", f.Viewers, f.Voters)
	}
	return nil
}

// killAfter returns when the holder of the room is killed.
func (f *flags) killAfter() time.Duration { return f.For / 3 }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var f flags
	kctx, err := cli.Parse("soak", "Runs a whole class on Apache Kafka and fails when memory, goroutines or open files grow, a vote is lost, or a kill is felt for too long.", &f, args, stdout, stderr)
	if kctx == nil {
		return err
	}
	if err := f.validate(); err != nil {
		return cli.UsageError{Err: err}
	}

	dir := f.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "soak-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(ctx)
	c := &class{flags: f, dir: dir, log: process.Lines(stderr), started: map[string]float64{}}
	defer c.stop()
	defer cancel() // the viewers end before the services
	if err := c.start(ctx); err != nil {
		return err
	}

	seen, err := c.watch(ctx, stdout)
	if err != nil {
		return err
	}
	return verdict(seen, stdout)
}
