package provision

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Answers that the tests below expect.
const (
	done      = "done"
	noTopic   = "TOPIC_AUTHORIZATION_FAILED"
	noGroup   = "GROUP_AUTHORIZATION_FAILED"
	noTxn     = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"
	noCluster = "CLUSTER_AUTHORIZATION_FAILED"
)

// an attempt is one thing that a user tries.
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

// reads joins a group and reads one record of a topic, and commits it.
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

// transacts writes one record in a transaction of that id and commits the transaction.
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

// admin tries something with an admin client.
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

// What nobody but an administrator may do, with the answer to it.
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

// withRecords is a provisioned room in which new_users and every topic of teams holds records.
func withRecords(t *testing.T) Config {
	t.Helper()
	cfg := room(t)
	provision(t, cfg)
	client := as(t, cfg, cfg.Kafka.Username)
	topics := []string{cfg.Namespace.Topic(cfg.Lesson), cfg.Namespace.Name(workshop.ControlTopic)}
	for team := 1; team <= cfg.Teams; team++ {
		topics = append(topics, cfg.Namespace.Actions(team), cfg.Namespace.Stats(team))
	}
	for _, topic := range topics {
		for i := range 10 {
			client.Produce(t.Context(), &kgo.Record{Topic: topic, Key: fmt.Append(nil, i), Value: []byte("{}")}, nil)
		}
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestATeamMayDoWhatTheLessonNeedsAndNoMore(t *testing.T) {
	cfg := withRecords(t)
	reads("team-4", "new_users")(t.Context(), t, cfg, "team-4") // so that there is something to delete
	all := append([]attempt{
		{"read with its group", done, reads("team-3", "new_users")},
		{"read with its group, assigned by the broker", done, reads("team-3", "new_users", kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer())},
		{"tail without a group", done, reads("", "new_users")},
		{"write its actions", done, writes("team-3.actions")},
		{"write its stats", done, writes("team-3.stats")},
		{"write its actions exactly once", done, transacts("team-3.laptop-1", "team-3.actions")},
		{"describe its group", done, describesGroup("team-3")},
		{"describe the topic", done, describesTopic("new_users")},
		{"see its group's commits", done, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			_, err := adm.FetchOffsets(ctx, name("team-3"))
			return err
		})},

		{"read with another team's group", noGroup, reads("team-4", "new_users")},
		{"read with a group whose name begins with its own", noGroup, reads("team-33", "new_users")},
		{"read with any group", noGroup, reads("tema-3", "new_users")},
		{"read another team's actions", noTopic, reads("", "team-4.actions")},
		{"read the control topic", noTopic, reads("", workshop.ControlTopic)},
		{"write another team's actions", noTopic, writes("team-4.actions")},
		{"write another team's stats", noTopic, writes("team-4.stats")},
		{"write new_users", noTopic, writes("new_users")},
		{"write the control topic", noTopic, writes(workshop.ControlTopic)},
		{"use another team's transactional id", noTxn, transacts("team-4.laptop-1", "team-3.actions")},
		{"describe another team's group", noGroup, describesGroup("team-4")},
		{"describe the control topic", noTopic, describesTopic(workshop.ControlTopic)},
		{"commit for another team's group", noGroup, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			offsets := kadm.Offsets{}
			offsets.AddOffset(name("new_users"), 0, 1, -1)
			res, err := adm.CommitOffsets(ctx, name("team-4"), offsets)
			if err != nil {
				return err
			}
			return res.Error()
		})},
		{"remove another team's member", noGroup, removesMember("team-4")},
		{"add partitions", noTopic, addsPartitions("new_users")},
	}, forbiddenToAll("team-3", "team-4")...)
	for _, a := range all {
		a.run(t, cfg, "team-3")
	}
}

func removesMember(group string) func(context.Context, *testing.T, Config, string) string {
	return func(ctx context.Context, t *testing.T, cfg Config, user string) string {
		req := kmsg.NewPtrLeaveGroupRequest()
		req.Group = cfg.Namespace.Name(group)
		member := kmsg.NewLeaveGroupRequestMember()
		member.MemberID = "somebody"
		req.Members = append(req.Members, member)
		resp, err := req.RequestWith(ctx, as(t, cfg, user))
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if errors.Is(err, kerr.UnknownMemberID) {
			err = nil // it was allowed to try
		}
		return code(err)
	}
}

func TestTheProducerMayDoItsPart(t *testing.T) {
	cfg := withRecords(t)
	for _, a := range append([]attempt{
		{"write new_users", done, writes("new_users")},
		{"write the control topic", done, writes(workshop.ControlTopic)},
		{"hold the control group", done, reads(workshop.ControlGroup, workshop.ControlTopic, kgo.Balancers(kgo.CooperativeStickyBalancer()))},
		{"describe the control group", done, describesGroup(workshop.ControlGroup)},
		{"describe new_users", done, describesTopic("new_users")},
		{"add partitions", done, addsPartitions("new_users")},

		{"read new_users", noTopic, reads("", "new_users")},
		{"write a team's actions", noTopic, writes("team-3.actions")},
		{"read with a team's group", noGroup, reads("team-3", "new_users")},
		{"describe a team's group", noGroup, describesGroup("team-3")},
	}, forbiddenToAll(workshop.ControlGroup, "team-4")...) {
		a.run(t, cfg, workshop.ProducerUser)
	}
}

func TestTheProducerMayMakeItsTopics(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	adm := kadm.NewClient(as(t, cfg, cfg.Kafka.Username))
	for _, topic := range []workshop.Topic{cfg.Namespace.LessonTopic(cfg.Lesson), cfg.Namespace.Control()} {
		if _, err := adm.DeleteTopic(t.Context(), topic.Name); err != nil {
			t.Fatal(err)
		}
		producer := cluster{adm: kadm.NewClient(as(t, cfg, workshop.ProducerUser))}
		for err := kerr.TopicAlreadyExists; errors.Is(err, kerr.TopicAlreadyExists); { // until the broker has forgotten it
			_, made := producer.adm.CreateTopic(t.Context(), int32(topic.Partitions), -1, nil, topic.Name)
			if made == nil {
				break
			}
			if !errors.As(made, &err) || !errors.Is(made, kerr.TopicAlreadyExists) {
				t.Fatalf("make %s: %v", topic.Name, made)
			}
		}
	}
}

func TestTheLeaderboardMayDoItsPart(t *testing.T) {
	cfg := withRecords(t)
	reads("team-4", "new_users")(t.Context(), t, cfg, "team-4")
	reads("tema-4", "new_users")(t.Context(), t, cfg, cfg.Kafka.Username) // a stranger, with rights of its own
	for _, a := range append([]attempt{
		{"read new_users", done, reads("", "new_users")},
		{"read actions", done, reads("", "team-3.actions")},
		{"read stats", done, reads("", "team-5.stats")},
		{"read the control topic", done, reads("", workshop.ControlTopic)},
		{"describe a team's group", done, describesGroup("team-4")},
		{"describe a stranger's group", done, describesGroup("tema-4")},
		{"set an empty group's offsets", done, admin(func(ctx context.Context, adm *kadm.Client, name func(string) string) error {
			offsets := kadm.Offsets{}
			offsets.AddOffset(name("new_users"), 0, 1, -1)
			res, err := adm.CommitOffsets(ctx, name("team-5"), offsets)
			if err != nil {
				return err
			}
			return res.Error()
		})},
		{"remove a member", done, removesMember("team-4")},
		{"remove a stranger", noGroup, removesMember("tema-4")},
		{"write actions", noTopic, writes("team-3.actions", kgo.DisableIdempotentWrite())},
		{"write new_users", noTopic, writes("new_users", kgo.DisableIdempotentWrite())},
		{"write the control topic", noTopic, writes(workshop.ControlTopic, kgo.DisableIdempotentWrite())},
		{"add partitions", noTopic, addsPartitions("new_users")},
	}, forbiddenToAll("team-3", "team-4")...) {
		a.run(t, cfg, workshop.LeaderboardUser)
	}
}
