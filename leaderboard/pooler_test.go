package main

import (
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// Behind a pooler that gives a session to one client at a time, a leaderboard works as it does without.
func TestAPoolerInSessionMode(t *testing.T) {
	kafka, database := kafkatest.New(t), postgrestest.URL(t)
	for _, settings := range [][]string{
		nil, // with its defaults
		{"pool_mode=session", "default_pool_size=3"},
	} {
		pooled := postgrestest.Bouncer(t, database, settings...)
		first := start(t, kafka, pooled)
		first.ready(t, http.StatusOK)
		second := start(t, kafka, pooled)
		second.ready(t, http.StatusOK) // it follows
		if status := second.freeze(t); status != http.StatusServiceUnavailable {
			t.Errorf("the second one, which holds nothing, answers %d", status)
		}
		if status := first.act(t, "message", `{"text":"through a pooler"}`); status != http.StatusOK {
			t.Errorf("the holder answers %d", status)
		}

		first.kill()
		second.ready(t, http.StatusOK)
		second.until(t, "what the first one stored", func(b game.Board) bool { return b.Message == "through a pooler" })
		second.kill()
	}
}

// Behind a pooler that shares sessions, no leaderboard ever leads, however the session gets lost, and it reports what to do.
func TestAPoolerThatSharesSessionsIsRefused(t *testing.T) {
	kafka := kafkatest.New(t)
	for name, settings := range map[string][]string{
		"transactions":         {"pool_mode=transaction", "default_pool_size=4"},
		"one session":          {"pool_mode=transaction", "default_pool_size=1"},
		"in turn":              {"pool_mode=transaction", "default_pool_size=4", "server_round_robin=1"},
		"reset each time":      {"pool_mode=transaction", "default_pool_size=4", "server_reset_query_always=1"},
		"short-lived":          {"pool_mode=transaction", "default_pool_size=4", "server_lifetime=1", "server_check_delay=0"},
		"statements":           {"pool_mode=statement", "default_pool_size=4"},
		"parameters passed by": {"pool_mode=transaction", "ignore_startup_parameters=idle_session_timeout,statement_timeout,lock_timeout,idle_in_transaction_session_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			pooled := postgrestest.Bouncer(t, postgrestest.URL(t), settings...)
			for _, mode := range []string{"&default_query_exec_mode=simple_protocol", ""} {
				both := []*program{start(t, kafka, pooled+mode), start(t, kafka, pooled+mode)}
				for range 2 {
					for i, p := range both {
						told := ""
						wait.Until(t, "one is told to use session mode", func() bool {
							status, body := p.get("/readyz")
							if status == http.StatusOK {
								t.Fatalf("leaderboard %d leads behind %s", i, name)
							}
							told = body
							return strings.Contains(told, "session mode")
						})
						if strings.ContainsAny(strings.TrimSpace(told), "\r\n") {
							t.Errorf("it says %q", told)
						}
					}
				}
				both[0].kill()
				both[1].kill()
			}
		})
	}
}
