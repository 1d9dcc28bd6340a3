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

// withRecords provisions a room and writes records to new_users and every team's topics.
func withRecords(t *testing.T) Config {
	t.Helper()
	cfg := room(t)
	provision(t, cfg)
	client := as(t, cfg, cfg.Kafka.Username)
	topics := []string{cfg.Topic(), cfg.ControlTopic()}
	for team := 1; team <= cfg.Teams; team++ {
		topics = append(topics, cfg.Actions(team), cfg.Stats(team))
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
		{"read its stats, to continue its counts", done, reads("", "team-3.stats")},
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
		{"read another team's stats", noTopic, reads("", "team-4.stats")},
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
			err = nil // it was authorized to try
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
	for _, topic := range []workshop.Topic{cfg.LessonTopic(), cfg.Control()} {
		if _, err := adm.DeleteTopic(t.Context(), topic.Name); err != nil {
			t.Fatal(err)
		}
		producer := cluster{adm: kadm.NewClient(as(t, cfg, workshop.ProducerUser))}
		for err := kerr.TopicAlreadyExists; errors.Is(err, kerr.TopicAlreadyExists); { // until the broker has finished deleting it
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
	reads("tema-4", "new_users")(t.Context(), t, cfg, cfg.Kafka.Username) // a stranger, with its own rights
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
		{"write the control topic", done, writes(workshop.ControlTopic)},
		{"add partitions", noTopic, addsPartitions("new_users")},
	}, forbiddenToAll("team-3", "team-4")...) {
		a.run(t, cfg, workshop.LeaderboardUser)
	}
}
