// Command launcher is what deploy/local becomes. It runs a whole workshop on one machine until Ctrl+C: an embedded
// Kafka broker, PostgreSQL, the producer service and the leaderboard. It builds and runs the programs and does not
// know what they do.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

func main() { os.Exit(cli.Main("local", run)) }

// flags is the command line.
type flags struct {
	cli.Env
	workshop.Room
	Kafka           string          `default:"127.0.0.1:9092" help:"Address of the embedded broker; loopback only."`
	Cluster         cluster         `embed:""`
	DatabaseURL     workshop.Secret `name:"database-url" env:"DATABASE_URL" help:"Use this Postgres instead of one of our own."`
	Board           string          `default:"127.0.0.1:8080" help:"Address of the leaderboard."`
	Panel           string          `default:"127.0.0.1:8081" help:"Address of the instructor's control panel."`
	PublicURL       string          `name:"public-url" env:"PUBLIC_URL" help:"The address that participants type, if it is not that of --board."`
	Data            string          `placeholder:"DIR" help:"Folder for the data, which is kept between runs; by default one in your cache folder."`
	Class           bool            `help:"Run a whole class on this laptop: Apache Kafka with logins, TLS and ACLs, handouts, and everything bound to the room's address. Needs a JDK."`
	Listen          string          `placeholder:"IP" help:"With --class: this machine's address in the room; by default its one private address."`
	Nodes           int             `default:"1" help:"With --class: the number of Kafka brokers, 1 or 3."`
	ShowToken       bool            `help:"Print the instructor's token too. Do not use it while the terminal is on the projector."`
	Fresh           bool            `help:"Delete the topics, groups, badges and all other data of earlier runs first."`
	Demo            bool            `help:"Run scripted teams that join, scale, crash and score."`
	DemoPace        float64         `hidden:"" default:"1" help:"How many times faster the demo's teams act."`
	DemoLed         bool            `hidden:"" help:"With --demo: the instructor begins the steps, and the teams follow."`
	Roster          string          `env:"WORKSHOP_ROSTER" placeholder:"FILE" help:"CSV of number,name: the teams' names; on a cluster with logins, the teams instead of 1 to --teams."`
	Sheet           string          `env:"WORKSHOP_SHEET" placeholder:"FILE" help:"YAML of the run sheet, instead of the lesson's own."`
	Calm            bool            `env:"WORKSHOP_CALM" help:"No ranks, no points and no podium on the board and on team pages."`
	Rate            *float64        `help:"Records per second at the start; by default the lesson's."`
	InstructorToken workshop.Secret `env:"INSTRUCTOR_TOKEN" help:"Token that the instructor logs in with; generated and kept if not given."`
	Secret          workshop.Secret `env:"WORKSHOP_SECRET" help:"Secret that passwords and join codes derive from; generated and kept if not given."`
	LogLevel        string          `env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"warn" help:"Lowest level of the services' log lines to print."`
}

// cluster is a Kafka cluster to use instead of the embedded broker. The services read the same environment names.
type cluster struct {
	Brokers  string          `env:"KAFKA_BROKERS" help:"Use this cluster instead of the embedded broker."`
	Username string          `env:"KAFKA_USERNAME" help:"Administrator of the cluster, used to create topics, users and ACLs only."`
	Password workshop.Secret `env:"KAFKA_PASSWORD" help:"The user's password."`
	SASL     string          `name:"sasl" env:"KAFKA_SASL" help:"SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN."`
	TLS      bool            `name:"tls" env:"KAFKA_TLS" help:"Use TLS with the cluster."`
	CA       string          `name:"ca" env:"KAFKA_CA" help:"PEM file of the CA that signed the cluster's certificates."`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	kctx, err := cli.Parse("local", "Runs a whole Kafka workshop on this machine until Ctrl+C.", &f, args, stdout, stderr)
	if kctx == nil {
		return err
	}
	if err := f.validate(); err != nil {
		return cli.UsageError{Err: err}
	}

	data, err := openData(f.Data, f.Class)
	if err != nil {
		return err
	}

	defer data.Close()
	if f.Fresh {
		if err := data.empty(); err != nil {
			return err
		}
	}

	s := &stack{flags: f, data: data, stdout: stdout, stderr: process.Lines(stderr)}
	if err := s.readSheet(); err != nil {
		return cli.UsageError{Err: err}
	}

	if err := s.start(ctx); err != nil {
		s.stop()
		if ctx.Err() != nil {
			return nil // Ctrl+C while starting is no failure
		}
		return err
	}

	s.printBanner()
	s.buildClients(ctx)
	<-ctx.Done()
	fmt.Fprintln(stdout, "\nStopping. All data is kept for the next start.")
	s.stop()
	return nil
}
