package provision

import (
	"strings"
	"sync"
	"testing"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// sizes records the number of items in the largest request of each kind.
type sizes struct {
	mu   sync.Mutex
	most map[string]int
}

func (s *sizes) note(req kmsg.Request) {
	n := 0
	switch r := req.(type) {
	case *kmsg.MetadataRequest:
		n = len(r.Topics)
	case *kmsg.CreateTopicsRequest:
		n = len(r.Topics)
	case *kmsg.DeleteTopicsRequest:
		n = len(r.Topics) + len(r.TopicNames)
	case *kmsg.DescribeConfigsRequest:
		n = len(r.Resources)
	case *kmsg.IncrementalAlterConfigsRequest:
		n = len(r.Resources)
	case *kmsg.DescribeUserSCRAMCredentialsRequest:
		n = len(r.Users)
	case *kmsg.AlterUserSCRAMCredentialsRequest:
		n = len(r.Upsertions) + len(r.Deletions)
	case *kmsg.CreateACLsRequest:
		n = len(r.Creations)
	case *kmsg.DeleteACLsRequest:
		n = len(r.Filters)
	case *kmsg.AlterClientQuotasRequest:
		n = len(r.Entries)
	default:
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	kind := kmsg.NameForKey(req.Key())
	s.most[kind] = max(s.most[kind], n)
}

// watched creates a room on an embedded cluster that records the sizes of requests.
func watched(t *testing.T, teams, batch int) (Config, *sizes) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("SCRAM-SHA-256", "admin", "admin-password"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	seen := &sizes{most: map[string]int{}}
	c.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		seen.note(req)
		return nil, nil, false
	})
	return Config{
		Flags: Flags{Handouts: t.TempDir()}, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: "spring.", Teams: teams}, Secret: secret,
		Kafka: kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256", Username: "admin", Password: "admin-password"}, batch: batch,
	}, seen
}

// No request exceeds a batch, for any number of teams. Everything is created, and a second run finds nothing to change.
func TestNoRequestIsLargerThanABatch(t *testing.T) {
	const teams, batch = 10, 4
	cfg, seen := watched(t, teams, batch)

	out := provision(t, cfg)
	for _, want := range []string{"… 4 of 12 users checked", "… 12 of 12 users checked", "create topic spring.team-10.stats", "limit 10 teams"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in %s", want, out)
		}
	}
	if again := provision(t, cfg); !strings.Contains(again, "nothing to change") {
		t.Errorf("a second run printed %s", again)
	}
	if got := topicsOf(t, cfg); len(got) != 3+2*teams {
		t.Errorf("topics: %v", got)
	}
	for _, user := range []string{"team-1", "team-10", "leaderboard"} {
		if err := as(t, cfg, user).Ping(t.Context()); err != nil {
			t.Errorf("%s cannot log in: %v", user, err)
		}
	}

	gone := cfg
	gone.Remove = true
	provision(t, gone)
	if again := provision(t, gone); !strings.Contains(again, "nothing to remove") {
		t.Errorf("a second removal printed %s", again)
	}

	seen.mu.Lock()
	defer seen.mu.Unlock()
	for kind, most := range seen.most {
		if most > batch {
			t.Errorf("a %s request is about %d, want at most %d", kind, most, batch)
		}
	}
	if len(seen.most) < 9 {
		t.Errorf("only these requests were seen: %v", seen.most)
	}
}

// The largest room is planned with the same requests: a dry run lists everything that is missing.
func TestADryRunOfTheLargestRoom(t *testing.T) {
	cfg, seen := watched(t, workshop.MaxTeams, 0)
	cfg.DryRun = true
	out := provision(t, cfg)
	for what, want := range map[string]int{"would create topic ": 3 + 2*workshop.MaxTeams, "would set the password ": 2 + workshop.MaxTeams, "would grant spring.team-": 5 * workshop.MaxTeams} {
		if got := strings.Count(out, what); got != want {
			t.Errorf("%q stands there %d times, want %d", what, got, want)
		}
	}

	seen.mu.Lock()
	defer seen.mu.Unlock()
	for kind, most := range seen.most {
		if most > defaultBatch {
			t.Errorf("a %s request is about %d, want at most %d", kind, most, defaultBatch)
		}
	}
}
