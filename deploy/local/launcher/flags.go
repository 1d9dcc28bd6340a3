package main

import (
	"fmt"
	"net"
	"strings"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// validate names the flag at fault.
func (f *flags) validate() error {
	if f.Fresh && (f.Cluster.Brokers != "" || f.DatabaseURL != "") {
		return fmt.Errorf("--fresh deletes our own data only: omit --brokers and --database-url, or --fresh")
	}
	if err := f.validateClass(); err != nil {
		return err
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if f.Rate != nil && (*f.Rate < 0 || *f.Rate > 1e6) {
		return fmt.Errorf("--rate %v: use 0 to 1000000 records per second", *f.Rate)
	}
	if f.DemoPace < 0.1 || f.DemoPace > 20 {
		return fmt.Errorf("--demo-pace %v: use 0.1 to 20", f.DemoPace)
	}
	if f.InstructorToken != "" && len(f.InstructorToken) < workshop.MinToken {
		return fmt.Errorf("--instructor-token is shorter than %d characters: choose a longer one", workshop.MinToken)
	}

	for _, a := range []struct{ flag, addr string }{{"--board", f.Board}, {"--panel", f.Panel}, {"--kafka", f.Kafka}} {
		if _, port, err := net.SplitHostPort(a.addr); err != nil || port == "" {
			return fmt.Errorf("%s %q: give address:port, as in 127.0.0.1:8080", a.flag, a.addr)
		}
	}

	if f.Cluster.Brokers == "" && !f.Class && !process.Loopback(f.Kafka) {
		return fmt.Errorf("--kafka %s: the embedded broker listens on loopback only: use 127.0.0.1, or a real Kafka (go run ./deploy/kafka) with --brokers", f.Kafka)
	}
	return nil
}

// validateClass checks the flags of --class and fills in what they leave open: the room's address, and the
// addresses of Kafka, board and panel on it.
func (f *flags) validateClass() error {
	if !f.Class {
		if f.Listen != "" || f.Nodes != 1 {
			return fmt.Errorf("--listen and --nodes need --class; without it, use --board and --panel for the pages' addresses")
		}
		return nil
	}

	switch {
	case f.Cluster.Brokers != "":
		return fmt.Errorf("--class starts a Kafka of its own: omit --brokers (and KAFKA_BROKERS), or --class")
	case f.Nodes != 1 && f.Nodes != 3:
		return fmt.Errorf("--nodes %d: use 1 or 3", f.Nodes)
	}

	if f.Listen == "" {
		found, err := roomAddress()
		if err != nil {
			return err
		}
		f.Listen = found
	}

	if ip := net.ParseIP(f.Listen); ip == nil || ip.IsUnspecified() {
		return fmt.Errorf("--listen %q: give one IP address of this machine, as in 192.168.1.5: participants' clients connect to it", f.Listen)
	}

	for _, addr := range []*string{&f.Kafka, &f.Board, &f.Panel} {
		host, port, err := net.SplitHostPort(*addr)
		if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsLoopback() { // the default, as a rule
			*addr = net.JoinHostPort(f.Listen, port)
		}
	}

	return nil
}

// checkFree checks that no program listens on the address. The services would report it only later.
func checkFree(flag, addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		if strings.Contains(err.Error(), "in use") || strings.Contains(err.Error(), "Only one usage") {
			return fmt.Errorf("%s is in use by another program: stop it, or choose another address with %s", addr, flag)
		}
		return fmt.Errorf("%s %s: %w", flag, addr, err)
	}

	return ln.Close()
}
