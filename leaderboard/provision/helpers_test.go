package provision

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = workshop.Secret("a secret of this test alone")

// patience is how long an operation may take before a test gives up.
const patience = 30 * time.Second

// secured returns an administrator's settings for a cluster with logins and ACLs: the one in TEST_KAFKA_BROKERS, with its
// _USERNAME, or else an embedded one.
func secured(t *testing.T) (kafka.Config, workshop.Namespace) {
	t.Helper()
	if os.Getenv("TEST_KAFKA_BROKERS") != "" && os.Getenv("TEST_KAFKA_USERNAME") != "" {
		c := kafkatest.New(t)
		return c.Config, c.Namespace
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("SCRAM-SHA-256", "admin", "admin-password"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256", Username: "admin", Password: "admin-password"}, "spring."
}

// room provisions a room with teams 1 to 5 of the lesson scale-up, unless changed.
func room(t *testing.T) Config {
	t.Helper()
	admin, ns := secured(t)
	cfg := Config{
		Flags: Flags{Handouts: t.TempDir()}, Kafka: admin, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: ns, Teams: 5}, Secret: secret,
		PublicURL: "http://192.168.1.5:8080",
	}
	t.Cleanup(func() {
		cfg.Remove = true
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := Run(ctx, cfg, &strings.Builder{}); err != nil {
			t.Errorf("remove: %v", err)
		}
	})
	return cfg
}

// provision runs cfg and returns its output.
func provision(t *testing.T, cfg Config) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out strings.Builder
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := Run(ctx, cfg, &out); err != nil {
		t.Fatalf("provision: %v; printed %s", err, out.String())
	}
	return out.String()
}

// as returns a client for one of the room's users, who log in with passwords derived from the secret.
func as(t *testing.T, cfg Config, user string, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	login := cfg.Kafka
	if user != cfg.Kafka.Username {
		login.Username = cfg.Namespace.Name(user)
		login.Password = cfg.Secret.Password(login.Username)
	}
	opts, err := login.Opts("provision-test", nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(opts, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseAllowingRebalance)
	return client
}

// topicsOf returns the names of the room's existing topics.
func topicsOf(t *testing.T, cfg Config) []string {
	t.Helper()
	all, err := kadm.NewClient(as(t, cfg, cfg.Kafka.Username)).ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, name := range all.Names() {
		if strings.HasPrefix(name, string(cfg.Namespace)) {
			own = append(own, name)
		}
	}
	return own
}

// refused reports whether a login failed; the embedded broker closes the connection then.
func refused(err error) bool {
	return errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, io.EOF)
}

// code returns the name of the broker's error code behind an error.
func code(err error) string {
	if err == nil {
		return "done"
	}
	for _, e := range []*kerr.Error{
		kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
		kerr.ClusterAuthorizationFailed, kerr.SaslAuthenticationFailed,
	} {
		if strings.Contains(err.Error(), e.Message) {
			return e.Message
		}
	}
	return err.Error()
}
