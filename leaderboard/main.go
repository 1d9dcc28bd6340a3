// Command leaderboard watches the teams' consumer groups, awards badges by the game's rules, stores
// them in Postgres and shows the board. Several instances may run: one holds the room's lock, the
// others stand by.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/provision"

	"github.com/alecthomas/kong"
)

// flags is the command line.
type flags struct {
	cli.Env
	cli.Log
	cli.Parent
	kafka.Config

	workshop.Room

	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve     serve            `cmd:"" default:"withargs" help:"Watch the groups and show the board (the default)."`
	Provision provisionCommand `cmd:"" help:"Create topics, users and ACLs on a secured cluster, with an administrator's login, and write the teams' handouts."`
}

// serve holds the serve command's flags that are not shared.
type serve struct {
	HTTP httpserve.Config `embed:""`

	Secret        workshop.Secret `name:"secret" env:"WORKSHOP_SECRET" help:"Passwords and join codes derive from it. Needed to listen beyond this machine."`
	Listen        string          `env:"LEADERBOARD_LISTEN" default:"127.0.0.1:8080" help:"Address of the board."`
	AdvertiseURL  string          `name:"advertise-url" env:"LEADERBOARD_ADVERTISE_URL" placeholder:"URL" help:"Address at which the other leaderboards of this room, and the instructor's browser, reach this one, as in http://10.0.0.5:8080. Needed when several run."`
	DatabaseURL   workshop.Secret `name:"database-url" env:"DATABASE_URL" help:"Postgres database for the game, version 14 or newer: postgres://user:password@host:5432/name."`
	PanelURL      string          `name:"panel-url" env:"PANEL_URL" help:"Address of the control panel, for the link on the instructor page."`
	PublicBrokers []string        `env:"KAFKA_PUBLIC_BROKERS" help:"Addresses at which participants reach the cluster, if they are not those of --brokers."`
	Roster        string          `env:"WORKSHOP_ROSTER" placeholder:"FILE" help:"CSV of number,name: names for teams that have none yet."`
	Downloads     string          `env:"WORKSHOP_DOWNLOADS" placeholder:"DIR" help:"Folder of participant-client binaries to offer for download."`
	Sheet         string          `env:"WORKSHOP_SHEET" placeholder:"FILE" help:"YAML of the run sheet, instead of the lesson's own."`
	Calm          bool            `env:"WORKSHOP_CALM" help:"No ranks, no points and no podium on the board and on team pages; teams stand in their own order."`
	RememberUsers int             `env:"REMEMBER_USERS" default:"2000000" hidden:"" help:"How many users of new_users are remembered to check actions against."`
	SweepEvery    time.Duration   `env:"SWEEP_EVERY" default:"500ms" hidden:"" help:"Time between two sweeps of the groups while no members move."`
}

func main() {
	boundGarbage()
	os.Exit(cli.Main("leaderboard", run))
}

// boundGarbage starts a collection when garbage reaches an eighth of the live heap; Go's default is all of it. Most of the
// live heap is the index of users, which the collector does not need to scan. GOGC overrides it.
func boundGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(12)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	parsed, err := cli.Parse("leaderboard", "Watches the teams' consumer groups, awards badges and shows the board.", &f, args, stdout, stderr)
	if err != nil || parsed == nil {
		return err
	}
	if err := f.validate(); err != nil {
		return cli.UsageError{Err: err}
	}

	if parsed.Command() == "provision" {
		cfg := f.provisionConfig()
		if err := cfg.Validate(); err != nil {
			return cli.UsageError{Err: err}
		}
		return provision.Run(ctx, cfg, stdout)
	}

	return runServe(ctx, f, f.Logger(stderr))
}

// validate names the flag at fault.
func (f *flags) validate() error {
	if err := f.Room.Validate(); err != nil {
		return err
	}
	return f.Config.Validate()
}

// validate names the flag at fault.
func (s *serve) validate() error {
	if s.DatabaseURL == "" {
		return fmt.Errorf("--database-url is missing: give the address of a Postgres database, as in postgres://user:password@host:5432/name")
	}
	if s.SweepEvery < 50*time.Millisecond || s.SweepEvery > 10*time.Second {
		return fmt.Errorf("--sweep-every %s: use 50ms to 10s", s.SweepEvery)
	}
	if s.RememberUsers < 1 {
		return fmt.Errorf("--remember-users %d: use a positive number", s.RememberUsers)
	}

	if s.Downloads != "" {
		if info, err := os.Stat(s.Downloads); err != nil || !info.IsDir() {
			return fmt.Errorf("--downloads %s is not a folder", s.Downloads)
		}
	}

	if err := s.HTTP.Validate(s.Listen); err != nil {
		return err
	}
	if err := httpserve.ValidateSite("--advertise-url", s.AdvertiseURL); err != nil {
		return err
	}
	if s.Secret == "" && !process.Loopback(s.Listen) {
		return fmt.Errorf("--listen %s is open to the network: set WORKSHOP_SECRET first", s.Listen)
	}
	return nil
}
