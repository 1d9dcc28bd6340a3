package provision

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topics that an older version created get today's settings; settings outside the plan stay.
func TestTopicsOfBeforeAreBroughtUpToDate(t *testing.T) {
	cfg := room(t)
	admin := kadm.NewClient(as(t, cfg, cfg.Kafka.Username))
	stats, lesson := cfg.TeamTopics(3)[1], cfg.LessonTopic()
	old := map[string]*string{"cleanup.policy": new("delete"), "max.message.bytes": new("2000000")}
	for name, partitions := range map[string]int32{stats.Name: 1, lesson.Name: 5} {
		if _, err := admin.CreateTopic(t.Context(), partitions, -1, old, name); err != nil {
			t.Fatal(err)
		}
	}

	dry := cfg
	dry.DryRun = true
	want := "set cleanup.policy=" + stats.Configs["cleanup.policy"] + " on topic " + stats.Name + " (was delete)"
	if out := provision(t, dry); !strings.Contains(out, "would "+want) {
		t.Errorf("a dry run printed %s", out)
	}
	if got := settingsOf(t, admin, stats.Name); got["cleanup.policy"] != "delete" {
		t.Errorf("a dry run set %s", got["cleanup.policy"])
	}

	if out := provision(t, cfg); !strings.Contains(out, want) || !strings.Contains(out, "set retention.ms=3600000 on topic "+lesson.Name) {
		t.Errorf("printed %s", out)
	}
	for _, topic := range []workshop.Topic{stats, lesson} {
		got := settingsOf(t, admin, topic.Name)
		for name, value := range topic.Configs {
			if !sameList(got[name], value) {
				t.Errorf("%s: %s is %s, want %s", topic.Name, name, got[name], value)
			}
		}
		if got["max.message.bytes"] != "2000000" {
			t.Errorf("%s: a setting that is not ours is %s", topic.Name, got["max.message.bytes"])
		}
	}
	if out := provision(t, cfg); !strings.Contains(out, "nothing to change") {
		t.Errorf("a second run printed %s", out)
	}
}

func settingsOf(t *testing.T, admin *kadm.Client, topic string) map[string]string {
	t.Helper()
	described, err := admin.DescribeTopicConfigs(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, config := range described[0].Configs {
		out[config.Key] = config.MaybeValue()
	}
	return out
}

// Each team's user has quotas; only these are removed with the room.
func TestTeamsHaveQuotas(t *testing.T) {
	cfg := room(t)
	admin := as(t, cfg, cfg.Kafka.Username)
	c := &cluster{adm: kadm.NewClient(admin), batch: defaultBatch}
	teams := newPlan(cfg.Room, []int{1, 2, 3, 4, 5}).teams
	other := cfg.Namespace.Name("somebody-else")
	set(t, c, other, "producer_byte_rate", 7)
	t.Cleanup(func() { set(t, c, other, "producer_byte_rate", 0) })

	dry := cfg
	dry.DryRun = true
	if out := provision(t, dry); !strings.Contains(out, "would limit 5 teams to 32 MiB/s read, 2 MiB/s written and 50 % of a thread") || len(quotasOf(t, c, teams)) != 0 {
		t.Errorf("a dry run printed %s and set %v", out, quotasOf(t, c, teams))
	}
	provision(t, cfg)
	want := map[string]float64{"consumer_byte_rate": 32 << 20, "producer_byte_rate": 2 << 20, "request_percentage": 50}
	for _, user := range teams {
		if got := quotasOf(t, c, teams)[user]; !maps.Equal(got, want) {
			t.Errorf("%s: %v", user, got)
		}
	}

	set(t, c, teams[1], "producer_byte_rate", 9)
	set(t, c, teams[2], "controller_mutation_rate", 3)
	if out := provision(t, cfg); !strings.Contains(out, "limit 1 teams") {
		t.Errorf("another value: printed %s", out)
	}
	if out := provision(t, cfg); !strings.Contains(out, "nothing to change") {
		t.Errorf("a second run printed %s", out)
	}

	gone := cfg
	gone.Remove = true
	if out := provision(t, gone); !strings.Contains(out, "lift the quotas of 5 teams") {
		t.Errorf("removing printed %s", out)
	}
	left := quotasOf(t, c, append(teams, other))
	if len(left) != 2 || left[teams[2]]["controller_mutation_rate"] != 3 || left[other]["producer_byte_rate"] != 7 {
		t.Errorf("left are %v", left)
	}
	set(t, c, teams[2], "controller_mutation_rate", 0)
}

// set sets a quota, or removes it with 0.
func set(t *testing.T, c *cluster, user, key string, value float64) {
	t.Helper()
	err := c.alterQuotas(context.Background(), []kadm.AlterClientQuotaEntry{{
		Entity: kadm.ClientQuotaEntity{{Type: "user", Name: &user}}, Ops: []kadm.AlterClientQuotaOp{{Key: key, Value: value, Remove: value == 0}},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func quotasOf(t *testing.T, c *cluster, users []string) map[string]map[string]float64 {
	t.Helper()
	got, err := c.quotas(context.Background(), users)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// On a cluster that rejects quotas, teams have none, and one line says so.
func TestAClusterWithoutQuotasIsANote(t *testing.T) {
	for name, refuse := range map[string]func(kmsg.Request) (kmsg.Response, error, bool){
		"to describe": func(req kmsg.Request) (kmsg.Response, error, bool) {
			r, ok := req.(*kmsg.DescribeClientQuotasRequest)
			if !ok {
				return nil, nil, false
			}
			resp := r.ResponseKind().(*kmsg.DescribeClientQuotasResponse)
			resp.ErrorCode = 35 // UNSUPPORTED_VERSION
			return resp, nil, true
		},
		"to alter": func(req kmsg.Request) (kmsg.Response, error, bool) {
			r, ok := req.(*kmsg.AlterClientQuotasRequest)
			if !ok {
				return nil, nil, false
			}
			resp := r.ResponseKind().(*kmsg.AlterClientQuotasResponse)
			for _, entry := range r.Entries {
				e := kmsg.NewAlterClientQuotasResponseEntry()
				e.ErrorCode = 31 // CLUSTER_AUTHORIZATION_FAILED
				e.Entity = append(e.Entity, kmsg.AlterClientQuotasResponseEntryEntity{Type: entry.Entity[0].Type, Name: entry.Entity[0].Name})
				resp.Entries = append(resp.Entries, e)
			}
			return resp, nil, true
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("SCRAM-SHA-256", "admin", "admin-password"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				return refuse(req)
			})
			cfg := Config{Flags: Flags{Handouts: t.TempDir()}, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: "spring.", Teams: 2}, Secret: secret}
			cfg.Kafka.Brokers, cfg.Kafka.Username, cfg.Kafka.Password, cfg.Kafka.SASL = c.ListenAddrs(), "admin", "admin-password", "SCRAM-SHA-256"

			out := provision(t, cfg)
			if strings.Count(out, "note: the teams") != 1 || strings.Contains(out, "limit 2 teams") {
				t.Errorf("printed %s", out)
			}
			if err := as(t, cfg, "team-1").Ping(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("a team cannot log in: %v", err)
			}
		})
	}
}
