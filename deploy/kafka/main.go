// Command kafka runs Apache Kafka from its published jars until Ctrl+C, with one node or three: on loopback
// without security, or secured for a class. leaderboard provision creates topics and users.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/datadir"
	"kafka-workshop/internal/process"
)

func main() { os.Exit(cli.Main("kafka", run)) }

// flags are the command-line flags.
type flags struct {
	cli.Env
	cli.Parent
	Nodes      int    `env:"DEPLOY_KAFKA_NODES" default:"1" help:"How many brokers: 1 or 3."`
	Listen     string `env:"DEPLOY_KAFKA_LISTEN" default:"127.0.0.1" placeholder:"IP" help:"This machine's address that clients reach it at."`
	Port       int    `env:"DEPLOY_KAFKA_PORT" default:"9092" help:"The first broker's port, the others' follow; 0 picks free ones."`
	Secure     bool   `env:"DEPLOY_KAFKA_SECURE" help:"SCRAM-SHA-256 logins, TLS with an authority of our own, and rights by ACLs."`
	Data       string `env:"DEPLOY_KAFKA_DATA" placeholder:"DIR" help:"Folder that is kept between runs; by default one in your cache folder."`
	Settings   string `env:"DEPLOY_KAFKA_SETTINGS" placeholder:"FILE" help:"Where to write the settings that every program reads with --env, once the brokers are ready; by default settings.env in the data folder."`
	Properties string `env:"DEPLOY_KAFKA_PROPERTIES" placeholder:"FILE" help:"Lines for the brokers' server.properties, behind ours: of two lines with one name the last one holds."`
	Version    string `name:"kafka-version" env:"DEPLOY_KAFKA_VERSION" placeholder:"X.Y.Z" help:"Another version of Apache Kafka, 3.9.0 or newer. A data folder is for one version."`
	Fresh      bool   `env:"DEPLOY_KAFKA_FRESH" help:"Start empty: topics, groups and users. Passwords and the authority are kept."`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	kctx, err := cli.Parse("kafka", "Runs Apache Kafka "+apache.Version+" on this machine until Ctrl+C, without Docker.", &f, args, stdout, stderr)
	if kctx == nil {
		return err
	}
	if err := f.validate(); err != nil {
		return cli.UsageError{Err: err}
	}

	data, err := datadir.Open(f.Data, "kafka")
	if err != nil {
		return err
	}
	defer data.Close()

	ctx, cancel := f.Context(ctx)
	defer cancel()

	c := &cluster{flags: f, data: data, stderr: process.Lines(stderr)}
	err = c.start(ctx)
	defer c.stop()
	if ctx.Err() != nil {
		return nil // Ctrl+C during the start is not an error
	}
	if err != nil {
		return err
	}

	fmt.Fprint(stdout, c.banner())
	<-ctx.Done()
	fmt.Fprintln(stdout, "\nStopping. All data is kept for the next start.")
	return nil
}
