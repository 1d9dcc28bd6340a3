// Command soak runs a whole class on Apache Kafka for a while and watches that nothing grows: memory,
// goroutines and open files of the producer service, the leaderboard and the participants' clients. It
// starts what deploy/kafka and deploy/local start, and the clients; for Linux.
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
	For     time.Duration `env:"SOAK_FOR" default:"10m" help:"How long to watch, from when all groups are full."`
	Every   time.Duration `env:"SOAK_EVERY" default:"10s" help:"Time between two looks."`
	Rate    float64       `env:"SOAK_RATE" default:"10000" help:"Records per second."`
	Teams   int           `env:"SOAK_TEAMS" default:"30" help:"How many teams, each with one group."`
	Members int           `env:"SOAK_MEMBERS" default:"3" help:"Members of each group, in one client."`
	Solving int           `env:"SOAK_SOLVING" default:"2" help:"How many of the teams also publish actions."`
	Users   int           `env:"REMEMBER_USERS" default:"2000000" help:"Users that the leaderboard remembers; until it has seen so many, its memory grows."`
	Data    string        `env:"SOAK_DATA" placeholder:"DIR" help:"Folder for everything, some GB; by default a temporary one that is removed."`
}

// validate names the flag at fault.
func (f *flags) validate() error {
	switch {
	case f.Every < time.Second || f.For < leastSamples*f.Every:
		return fmt.Errorf("--for %v --every %v: watch for %d looks or more, a second or more apart", f.For, f.Every, leastSamples)
	case f.Rate < 0 || f.Rate > 1e6:
		return fmt.Errorf("--rate %v: use 0 to 1000000", f.Rate)
	case f.Teams < 1 || f.Members < 1 || f.Members > 5:
		return fmt.Errorf("--teams %d --members %d: use at least 1, and at most 5 members", f.Teams, f.Members)
	}
	return nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var f flags
	kctx, err := cli.Parse("soak", "Runs a whole class on Apache Kafka and fails when memory, goroutines or open files grow.", &f, args, stdout, stderr)
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
	c := &class{flags: f, dir: dir, log: process.Lines(stderr)}
	defer c.stop()
	if err := c.start(ctx); err != nil {
		return err
	}
	samples, err := c.watch(ctx, stdout)
	if err != nil {
		return err
	}
	return verdict(samples, stdout)
}
