package inspect

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func commitResult(failed *error) func(*kgo.Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error) {
	return func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
		if *failed = err; err == nil {
			*failed = kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode)
		}
	}
}

func TestCheckOfAHealthyRoom(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Namespace.Name("new_users")
	c.CreateTopic(t, topic, 5, nil)
	c.CreateTopic(t, c.Namespace.Name("team-7.actions"), 3, nil)
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	defer board.Close()
	defer http.DefaultClient.CloseIdleConnections()
	var out bytes.Buffer
	err := Check{Kafka: c.Config, Group: c.Namespace.Name("team-7"), Topic: topic,
		Writes: []string{c.Namespace.Name("team-7.actions")}, TxnID: c.Namespace.Name("team-7.1"), Leaderboard: board.URL}.Run(soon(t), &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, step := range []string{"board", "clock", "name", "connect", "login", "broker", "read", "group", "write", "exactly-once"} {
		if !strings.Contains(out.String(), "ok    "+step) {
			t.Errorf("no step %s in\n%s", step, &out)
		}
	}
}

func TestCheckNamesTheLikelyCause(t *testing.T) {
	cluster := func(t *testing.T, opts ...kfake.Opt) (*kfake.Cluster, string) {
		t.Helper()
		c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c, c.ListenAddrs()[0]
	}
	free := func(t *testing.T) string {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	cases := []struct {
		name  string
		setUp func(t *testing.T) kafka.Config
		step  string
		says  string
	}{
		{"unknown name", func(*testing.T) kafka.Config {
			return kafka.Config{Brokers: []string{"no-such-host.invalid:9092"}}
		}, "name", "no-such-host.invalid"},
		{"nobody listens", func(t *testing.T) kafka.Config { return kafka.Config{Brokers: []string{free(t)}} },
			"connect", "Nothing listens at 127.0.0.1:"},
		{"advertised address", func(t *testing.T) kafka.Config {
			c, addr := cluster(t)
			c.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				resp := req.ResponseKind().(*kmsg.MetadataResponse)
				b := kmsg.NewMetadataResponseBroker()
				b.Host, b.Port = "127.0.0.1", 1
				resp.Brokers = append(resp.Brokers, b)
				return resp, nil, true
			})
			return kafka.Config{Brokers: []string{addr}}
		}, "broker 0", "but it sends clients to 127.0.0.1:1, which can't be reached from here: tell the instructor."},
		{"wrong password", func(t *testing.T) kafka.Config {
			_, addr := cluster(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "team-7", "right"))
			return kafka.Config{Brokers: []string{addr}, Username: "team-7", Password: "wrong", SASL: "SCRAM-SHA-256"}
		}, "login", "check --username and KAFKA_PASSWORD"},
		{"TLS expected", func(t *testing.T) kafka.Config {
			server := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
			certs := server.TLS.Certificates
			server.Close()
			_, addr := cluster(t, kfake.TLS(&tls.Config{Certificates: certs}))
			return kafka.Config{Brokers: []string{addr}}
		}, "login", "TLS"},
		{"no TLS there", func(t *testing.T) kafka.Config {
			_, addr := cluster(t)
			return kafka.Config{Brokers: []string{addr}, TLS: true}
		}, "login", "TLS"},
		{"unknown authority", func(t *testing.T) kafka.Config {
			server := httptest.NewTLSServer(http.NotFoundHandler())
			certs := server.TLS.Certificates
			server.Close()
			_, addr := cluster(t, kfake.TLS(&tls.Config{Certificates: certs}))
			return kafka.Config{Brokers: []string{addr}, TLS: true}
		}, "login", "--ca"},
		{"topic missing", func(t *testing.T) kafka.Config {
			_, addr := cluster(t)
			return kafka.Config{Brokers: []string{addr}}
		}, "read", "does not exist yet"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Check{Kafka: tc.setUp(t), Group: "team-7", Topic: "missing"}.Run(soon(t), &out)
			if err == nil || !strings.Contains(err.Error(), "checks failed") {
				t.Errorf("error %v", err)
			}
			found := false
			for line := range strings.Lines(out.String()) {
				found = found || strings.HasPrefix(line, "FAIL  "+tc.step) && strings.Contains(line, tc.says)
			}
			if !found {
				t.Errorf("no failing line %q with %q in\n%s", tc.step, tc.says, &out)
			}
		})
	}
}

// A new cluster creates its coordinator when a client first asks for one, which takes a moment.
func TestCheckWaitsForTheCoordinator(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(5, "new_users"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	asked := 0
	c.ControlKey(int16(kmsg.DescribeGroups), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asked++; asked > 2 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.DescribeGroupsResponse)
		g := kmsg.NewDescribeGroupsResponseGroup()
		g.Group, g.ErrorCode = "team-7", kerr.CoordinatorNotAvailable.Code
		resp.Groups = append(resp.Groups, g)
		return resp, nil, true
	})
	var out bytes.Buffer
	config := kafka.Config{Brokers: c.ListenAddrs()}
	if err := (Check{Kafka: config, Group: "team-7", Topic: "new_users"}).Run(soon(t), &out); err != nil || asked < 3 {
		t.Errorf("%v after %d requests\n%s", err, asked, &out)
	}
}

func TestCaptivePortal(t *testing.T) {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://portal.invalid/login", http.StatusFound)
	}))
	defer portal.Close()
	defer http.DefaultClient.CloseIdleConnections()
	var out bytes.Buffer
	_ = Check{Kafka: kafka.Config{Brokers: []string{"127.0.0.1:1"}}, Leaderboard: portal.URL}.Run(soon(t), &out)
	if !strings.Contains(out.String(), "Log in to the wifi in a browser first.") {
		t.Errorf("got %s", &out)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := map[string]time.Time{
		"Your clock is 7m0s behind: set it": now.Add(7 * time.Minute),
		"Your clock is 7m0s ahead: set it":  now.Add(-7 * time.Minute),
		"agrees with it":                    now.Add(-3 * time.Second),
	}
	for want, theirs := range cases {
		var out bytes.Buffer
		r := &run{out: &out}
		r.clock(now, theirs, "it")
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	}
}
