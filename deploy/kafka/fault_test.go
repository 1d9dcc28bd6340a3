//go:build !windows

package main

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/datadir"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kadm"
)

// TestABrokerOfThreeDies kills the broker that coordinates a team's group while a whole workshop runs. No acknowledged
// record is lost, members continue, and the board keeps its last view until it recovers. The broker is restarted.
func TestABrokerOfThreeDies(t *testing.T) {
	t.Parallel()
	needsJava(t)
	c := startThree(t)
	cfg := settings(t, c.data.Path(""))
	class := startClass(t, c)
	class.join(t, 1, "range")
	class.join(t, 2, "server")
	for team := 1; team <= 2; team++ {
		wait.Until(t, fmt.Sprintf("two owners in team %d", team), func() bool { return class.team(t, team).owners() == 2 })
	}
	ledger := keepProducing(t, cfg)
	wait.Until(t, "a first acknowledged record", func() bool { return ledger.count() > 0 })

	victim := coordinator(t, cfg, "team-1")
	watch := class.watch(t)
	t.Logf("killing broker %d, which coordinates team-1", victim)
	before := ledger.count()
	c.nodes[victim-1].process.Kill()
	killed := time.Now()
	t.Logf("it ended: %v", <-c.nodes[victim-1].process.Died())
	wait.Until(t, "acknowledgements after the kill", func() bool { return ledger.count() > before+200 })
	t.Logf("acknowledged again %.1f s after the kill", time.Since(killed).Seconds())
	wait.Until(t, "the third broker", func() bool {
		brokers, err := kadm.NewClient(client(t, cfg)).ListBrokers(t.Context())
		return err == nil && len(brokers) == 3
	})
	recovered := time.Now()
	wait.Until(t, "a board that is right", func() bool {
		return class.board(t).StaleSince == nil && class.team(t, 1).right() && class.team(t, 2).right()
	})
	t.Logf("three brokers %.1f s after the kill, the board right %.1f s later", recovered.Sub(killed).Seconds(), time.Since(recovered).Seconds())
	watch.end(t)
	class.goesOn(t)
	ledger.check(t, cfg)
}

func startThree(t *testing.T) *cluster {
	t.Helper()
	data, err := datadir.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{flags: flags{Nodes: 3, Listen: "127.0.0.1", Secure: true}, data: data, stderr: process.Lines(testWriter{t})}
	t.Cleanup(data.Close)
	t.Cleanup(c.stop)
	if err := c.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// coordinator returns the broker that coordinates a group.
func coordinator(t *testing.T, cfg kafka.Config, group string) int {
	t.Helper()
	found := kadm.NewClient(client(t, cfg)).FindGroupCoordinators(t.Context(), group)[group]
	if found.Err != nil {
		t.Fatal(found.Err)
	}
	return int(found.NodeID)
}
