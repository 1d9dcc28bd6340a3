package provision

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Answers that the tests below expect.
const (
	done      = "done"
	noTopic   = "TOPIC_AUTHORIZATION_FAILED"
	noGroup   = "GROUP_AUTHORIZATION_FAILED"
	noTxn     = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"
	noCluster = "CLUSTER_AUTHORIZATION_FAILED"
)

// An attempt is one operation that a user tries.
type attempt struct {
	what string
	want string
	try  func(ctx context.Context, t *testing.T, cfg Config, user string) string
}

func (a attempt) run(t *testing.T, cfg Config, user string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if got := a.try(ctx, t, cfg, user); got != a.want {
		t.Errorf("%s: %s: %s, want %s", user, a.what, got, a.want)
	}
}

// reads returns a function that joins a group, reads one record of a topic and commits it.
func reads(group, topic string, more ...kgo.Opt) func(context.Context, *testing.T, Config, string) string {
	return func(ctx context.Context, t *testing.T, cfg Config, user string) string {
		opts := []kgo.Opt{kgo.ConsumeTopics(cfg.Namespace.Name(topic)), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())}
		if group != "" {
			opts = append(opts, kgo.ConsumerGroup(cfg.Namespace.Name(group)), kgo.DisableAutoCommit())
		}
		client := as(t, cfg, user, append(opts, more...)...)
		defer client.CloseAllowingRebalance() // the next attempt finds the group empty
		for {
			fetches := client.PollFetches(ctx)
			if errs := fetches.Errors(); len(errs) > 0 {
				return code(errs[0].Err)
			}
			if fetches.NumRecords() > 0 {
				if group == "" {
					return done
				}
				return code(client.CommitRecords(ctx, fetches.Records()[0]))
			}
		}
	}
}

func writes(topic string, more ...kgo.Opt) func(context.Context, *testing.T, Config, string) string {
	return func(ctx context.Context, t *testing.T, cfg Config, user string) string {
		client := as(t, cfg, user, more...)
		return code(client.ProduceSync(ctx, &kgo.Record{Topic: cfg.Namespace.Name(topic), Key: []byte("k"), Value: []byte("{}")}).FirstErr())
	}
}

// transacts returns a function that writes one record in a transaction with that id and commits it.
func transacts(id, topic string) func(context.Context, *testing.T, Config, string) string {
	return func(ctx context.Context, t *testing.T, cfg Config, user string) string {
		client := as(t, cfg, user, kgo.TransactionalID(cfg.Namespace.Name(id)))
		if err := client.BeginTransaction(); err != nil {
			return code(err)
		}
		err := client.ProduceSync(ctx, &kgo.Record{Topic: cfg.Namespace.Name(topic), Key: []byte("k"), Value: []byte("{}")}).FirstErr()
		if ending := client.EndTransaction(ctx, kgo.TransactionEndTry(err == nil)); err == nil {
			err = ending
		}
		return code(err)
	}
}

// admin returns a function that tries an operation with an admin client.
func admin(try func(ctx context.Context, adm *kadm.Client, name func(string) string) error) func(context.Context, *testing.T, Config, string) string {
	return func(ctx context.Context, t *testing.T, cfg Config, user string) string {
		return code(try(ctx, kadm.NewClient(as(t, cfg, user)), cfg.Namespace.Name))
	}
}

func describesGroup(group string) func(context.Context, *testing.T, Config, string) string {
	return admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
		groups, err := adm.DescribeGroups(ctx, name(group))
		if err != nil {
			return err
		}
		if err := groups[name(group)].Err; err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
			return err
		}
		return nil
	})
}

func describesTopic(topic string) func(context.Context, *testing.T, Config, string) string {
	return admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
		topics, err := adm.ListTopics(ctx, name(topic))
		if err != nil {
			return err
		}
		if err := topics.Error(); err != nil {
			return err
		}
		ends, err := adm.ListEndOffsets(ctx, name(topic))
		if err != nil {
			return err
		}
		return ends.Error()
	})
}

// forbiddenToAll returns what only an administrator may do, with the error that others get.
func forbiddenToAll(own, other string) []attempt {
	return []attempt{
		{"delete the lesson's topic", noTopic, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			_, err := adm.DeleteTopic(ctx, name("new_users"))
			return err
		})},
		{"make a topic", noTopic, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			_, err := adm.CreateTopic(ctx, 1, 1, nil, name("mine"))
			return err
		})},
		{"delete records", noTopic, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			offsets := kadm.Offsets{}
			offsets.AddOffset(name("new_users"), 0, 1, -1)
			res, err := adm.DeleteRecords(ctx, offsets)
			if err != nil {
				return err
			}
			return res.Error()
		})},
		{"alter the topic's settings", noTopic, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			value := "1000"
			res, err := adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, name("new_users"))
			if err != nil {
				return err
			}
			return res[0].Err
		})},
		{"delete its own group", noGroup, deletesGroup(own)},
		{"delete another group", noGroup, deletesGroup(other)},
		{"see rights", noCluster, admin(func(ctx context.Context, adm *kadm.Client, _ func(string) string) error {
			res, err := adm.DescribeACLs(ctx, kadm.NewACLs().AnyResource().Allow().AllowHosts().Deny().DenyHosts().Operations().ResourcePatternType(kadm.ACLPatternAny))
			if err != nil {
				return err
			}
			return res[0].Err
		})},
		{"give itself rights", noCluster, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			res, err := adm.CreateACLs(ctx, kadm.NewACLs().Topics(name("new_users")).Allow("User:"+name("team-3")).AllowHosts().Operations(kadm.OpAll).ResourcePatternType(kadm.ACLPatternLiteral))
			if err != nil {
				return err
			}
			return res[0].Err
		})},
		{"set a password", noCluster, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			res, err := adm.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: name("team-4"), Mechanism: kadm.ScramSha256, Iterations: 4096, Password: "mine"}})
			if err != nil {
				return err
			}
			return res.Error()
		})},
	}
}

func deletesGroup(group string) func(context.Context, *testing.T, Config, string) string {
	return admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
		res, err := adm.DeleteGroups(ctx, name(group))
		if err != nil {
			return err
		}
		return res[name(group)].Err
	})
}

func addsPartitions(topic string) func(context.Context, *testing.T, Config, string) string {
	return admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
		res, err := adm.UpdatePartitions(ctx, 7, name(topic))
		if err != nil {
			return err
		}
		return res.Error()
	})
}
