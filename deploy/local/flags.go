package main

import (
	"fmt"
	"net"
	"strings"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
)

// validate names the flag at fault.
func (f *flags) validate() error {
	if f.Fresh && (f.Cluster.Brokers != "" || f.DatabaseURL != "") {
		return fmt.Errorf("--fresh empties only what is ours: leave out --brokers and --database-url, or --fresh")
	}
	if f.Teams < 1 || f.Teams > workshop.MaxTeams {
		return fmt.Errorf("--teams %d: use 1 to %d", f.Teams, workshop.MaxTeams)
	}
	if f.Rate != nil && (*f.Rate < 0 || *f.Rate > 1e6) {
		return fmt.Errorf("--rate %v: use 0 to 1000000 records per second", *f.Rate)
	}
	if _, err := workshop.LessonNamed(f.Lesson); err != nil {
		return err
	}
	if err := workshop.Namespace(f.Namespace).Validate(); err != nil {
		return err
	}
	if f.InstructorToken != "" && len(f.InstructorToken) < httpserve.MinToken {
		return fmt.Errorf("--instructor-token is shorter than %d characters: choose a longer one", httpserve.MinToken)
	}
	for _, a := range []struct{ flag, addr string }{{"--board", f.Board}, {"--panel", f.Panel}, {"--kafka", f.Kafka}} {
		if _, port, err := net.SplitHostPort(a.addr); err != nil || port == "" {
			return fmt.Errorf("%s %q: give address:port, as in 127.0.0.1:8080", a.flag, a.addr)
		}
	}
	if f.Cluster.Brokers == "" && !httpserve.Loopback(f.Kafka) {
		return fmt.Errorf("--kafka %s: the embedded broker is for this machine alone: use 127.0.0.1, or a real Kafka (go run ./deploy/kafka) with --brokers", f.Kafka)
	}
	return nil
}

// free makes sure that nobody listens where we want to: the services would only find out later.
func free(flag, addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		if strings.Contains(err.Error(), "in use") || strings.Contains(err.Error(), "Only one usage") {
			return fmt.Errorf("%s is taken by another program: stop it, or choose another address with %s", addr, flag)
		}
		return fmt.Errorf("%s %s: %w", flag, addr, err)
	}
	return ln.Close()
}
