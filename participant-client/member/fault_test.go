package member

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Faults that waiting does not heal end the run with a line that names them and the remedy.
func TestFatalFaults(t *testing.T) {
	login, err := kfake.NewCluster(kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "team-1", "right"), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(login.Close)
	secure, err := kfake.NewCluster(kfake.TLS(serverTLS(t)), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(secure.Close)
	for _, test := range []struct {
		name string
		cfg  kafka.Config
		want string
	}{
		{"wrong password", kafka.Config{Brokers: login.ListenAddrs(), Username: "team-1", Password: "wrong", SASL: "SCRAM-SHA-256"}, "check the login (--username, KAFKA_PASSWORD"},
		{"no login given", kafka.Config{Brokers: login.ListenAddrs()}, "--username"},
		{"TLS expected", kafka.Config{Brokers: secure.ListenAddrs()}, "--tls"},
		{"unknown authority", kafka.Config{Brokers: secure.ListenAddrs(), TLS: true}, "--ca"},
		{"unknown host", kafka.Config{Brokers: []string{"no-such-host.invalid:9092"}}, "No such host: no-such-host.invalid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(&kafkatest.Cluster{Config: test.cfg})
			r := start(t, cfg, 1)
			err := r.wait(t)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("says %v, want one line with %q", err, test.want)
			}
			if _, told := r.heard.find(func(e Event) bool { return e.Kind == Fault && e.Fatal }); !told {
				t.Error("no event tells of it")
			}
		})
	}
}

// Faults that may heal are reported and waited for, and their end is reported, too.
func TestBrokerAwayAndBack(t *testing.T) {
	c := kafkatest.New(t)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 2, nil)
	produce(t, c, cfg.Topic, 10, func(int) string { return "a" })
	c.Stop(t)
	r := start(t, cfg, 1)
	fault := func(text string) func([]Event, map[string]int) bool {
		return func(events []Event, _ map[string]int) bool {
			return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault && strings.Contains(e.Text, text) })
		}
	}
	r.heard.until(t, "that nothing listens", fault("Nothing listens at "+c.Config.Brokers[0]))
	c.Start(t)
	r.heard.until(t, "10 records", func(_ []Event, records map[string]int) bool { return len(records) == 10 })
	if _, healed := r.heard.find(func(e Event) bool { return e.Kind == Fault && e.Healed }); !healed {
		t.Error("nothing says that it is over")
	}
	told := len(r.heard.all())
	c.Stop(t)
	r.heard.until(t, "that it is away again", func(events []Event, _ map[string]int) bool { return fault("Waiting for it")(events[told:], nil) })
	c.Start(t)
	produce(t, c, cfg.Topic, 10, func(int) string { return "b" })
	r.heard.until(t, "20 records", func(_ []Event, records map[string]int) bool { return len(records) == 20 })
}

// Without the broker, Ctrl+C still ends the run.
func TestLeavesWithoutABroker(t *testing.T) {
	c := kafkatest.New(t)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 2, nil)
	r := start(t, cfg, 2)
	r.heard.until(t, "1+1", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{1, 1}) })
	c.Stop(t)
	r.stop()
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
	c.Start(t)
}

// handler makes a function a Handler.
type handler func(*kgo.Record) []*kgo.Record

func (h handler) Handle(_ int, r *kgo.Record) []*kgo.Record { return h(r) }

// Nor does an action that nobody acknowledges delay Ctrl+C, or a crash.
func TestEndsWithAnActionUnderWay(t *testing.T) {
	for name, end := range map[string]func(*running) error{
		"leave": func(r *running) error { return r.Stop(1) },
		"crash": func(r *running) error { return r.Crash(1) },
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.New(t)
			if c.Real {
				lacks.Cluster(t, "a shared one is not the test's to stop")
			}
			cfg := config(c)
			c.CreateTopic(t, cfg.Topic, 1, nil)
			c.CreateTopic(t, "actions", 1, nil)
			produce(t, c, cfg.Topic, 10, func(int) string { return "a" })
			stopped, once := make(chan struct{}), sync.Once{}
			cfg.Handler = handler(func(*kgo.Record) []*kgo.Record {
				once.Do(func() { c.Stop(t); close(stopped) })
				return []*kgo.Record{{Topic: "actions", Value: []byte("x")}}
			})
			r := start(t, cfg, 1)
			<-stopped
			if err := end(r); err != nil {
				t.Fatal(err)
			}
			r.heard.until(t, "its end", func(events []Event, _ map[string]int) bool {
				return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Closed })
			})
			r.stop()
			if err := r.wait(t); err != nil {
				t.Error(err)
			}
			c.Start(t)
		})
	}
}

// A cluster that has just been started has no coordinator yet. That is reported as such, and not as a fault.
func TestACoordinatorIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		topics []string
		want   string
	}{
		"a new cluster":      {nil, "Kafka is creating its offsets topic; trying again."},
		"one that starts up": {[]string{offsetsTopic}, "Kafka has no coordinator for the group yet; trying again."},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, append(test.topics, "new_users")...))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			var ready atomic.Bool
			c.ControlKey(int16(kmsg.FindCoordinator), func(req kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if ready.Load() {
					return nil, nil, false
				}
				resp := req.ResponseKind().(*kmsg.FindCoordinatorResponse)
				for _, key := range req.(*kmsg.FindCoordinatorRequest).CoordinatorKeys {
					one := kmsg.NewFindCoordinatorResponseCoordinator()
					one.Key, one.ErrorCode = key, kerr.CoordinatorNotAvailable.Code
					resp.Coordinators = append(resp.Coordinators, one)
				}
				return resp, nil, true
			})

			r := start(t, config(&kafkatest.Cluster{Config: kafka.Config{Brokers: c.ListenAddrs()}}), 1)
			r.heard.until(t, test.want, func(events []Event, _ map[string]int) bool {
				return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Waiting && e.Text == test.want })
			})
			ready.Store(true)
			r.heard.until(t, "an assignment", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })
			if e, told := r.heard.find(func(e Event) bool { return e.Kind == Fault }); told {
				t.Errorf("it is told as a fault: %s", e.Text)
			}
		})
	}
}

func TestTopicMissingAtFirst(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	r := start(t, cfg, 1)
	r.heard.until(t, "that the topic is missing", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault && strings.Contains(e.Text, "does not exist yet") })
	})
	c.CreateTopic(t, cfg.Topic, 2, nil)
	produce(t, c, cfg.Topic, 10, func(int) string { return "a" })
	r.heard.until(t, "10 records", func(_ []Event, records map[string]int) bool { return len(records) == 10 })
}

// An unreachable address that the cluster advertises is distinguished from a mistyped one.
func TestAdvertisedAddress(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	advertised := gone.Addr().(*net.TCPAddr)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "new_users"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = 0, advertised.IP.String(), int32(advertised.Port)
		resp.Brokers = append(resp.Brokers, b)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = kmsg.StringPtr("new_users")
		p := kmsg.NewMetadataResponseTopicPartition()
		p.Replicas, p.ISR = []int32{0}, []int32{0}
		topic.Partitions = append(topic.Partitions, p)
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	r := start(t, config(&kafkatest.Cluster{Config: kafka.Config{Brokers: c.ListenAddrs()}}), 1)
	want := "Reached " + c.ListenAddrs()[0] + ", but it sends clients to " + advertised.String() + ", which can't be reached from here"
	r.heard.until(t, want, func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault && !e.Fatal && strings.HasPrefix(e.Text, want) })
	})
}

func TestAnotherAssignor(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 5, nil)
	r := start(t, cfg, 1)
	r.heard.until(t, "5", func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{5}) })
	cfg.Assignor = CooperativeSticky
	other := start(t, cfg, 1)
	if err := other.wait(t); err == nil || !strings.Contains(err.Error(), cfg.Group+" uses range: start yours with --assignor range") {
		t.Errorf("says %v", err)
	}
}

// serverTLS returns a configuration with a certificate that nobody trusts.
func serverTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
