package main

import (
	"fmt"
	"io"
	"os"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/control"
	"kafka-workshop/producer-svc/load"

	"github.com/alecthomas/kong"
)

// flags are the command-line flags.
type flags struct {
	cli.Env
	cli.Log
	cli.Parent
	Kafka kafka.Config     `embed:""`
	HTTP  httpserve.Config `embed:""`

	workshop.Room

	Listen  string           `env:"PRODUCER_LISTEN" default:"127.0.0.1:8081" help:"Address of the control panel."`
	Rate    *float64         `env:"PRODUCER_RATE" help:"Records per second, 0 to 1000000, until the instructor sets another. The lesson's rate by default."`
	Keys    string           `env:"PRODUCER_KEYS" help:"Keys until the instructor sets others: null, user, fixed or hot. The lesson's by default."`
	Print   bool             `env:"PRODUCER_PRINT" help:"Print a line per record on standard output."`
	Version kong.VersionFlag `help:"Print the version and exit."`
}

// config validates the flags and returns the configuration of the Controller.
func (f *flags) config(stderr io.Writer) (control.Config, error) {
	for _, check := range []error{f.Validate(), f.HTTP.Validate(f.Listen), f.Kafka.Validate()} {
		if check != nil {
			return control.Config{}, check
		}
	}

	initial := f.Lesson.DefaultLoad()
	if f.Rate != nil {
		initial.Rate = *f.Rate
	}
	if f.Keys != "" {
		initial.Keys = f.Keys
	}
	if err := initial.Validate(); err != nil {
		return control.Config{}, fmt.Errorf("--%w", err)
	}

	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}

	cfg := control.Config{
		Room: f.Room, Kafka: f.Kafka, Initial: initial,
		Holder: fmt.Sprintf("%s pid %d", host, os.Getpid()), Log: f.Logger(stderr),
	}
	if f.Print {
		cfg.Lines = load.NewLines()
	}
	return cfg, nil
}
