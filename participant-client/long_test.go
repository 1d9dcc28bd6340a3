package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A group's name may have as many characters as Kafka allows, from joining to describing.
func TestTheLongestGroupName(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Topic()
	c.CreateTopic(t, topic, 5, nil)
	producer := c.Client(t)
	if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}

	for _, unit := range []string{"g", "ü", "龘"} {
		for _, assignor := range []string{"range", "server"} {
			group := string(c.Namespace) + assignor[:1] + strings.Repeat(unit, 70)
			group += strings.Repeat("x", 255-len(group))
			flags := []string{"--brokers", strings.Join(c.Config.Brokers, ","), "--namespace", string(c.Namespace), "--group", group}
			if out := client(t, c, append([]string{"run", "--format", "json", "--max-records", "1", "--assignor", assignor}, flags...)...); !strings.Contains(out, `"event":"closed"`) {
				t.Errorf("%d bytes, %s: run printed %s", len(group), assignor, out)
			}
			for _, command := range []string{"describe", "check"} {
				if out := client(t, c, append([]string{command}, flags...)...); !strings.Contains(out, group) {
					t.Errorf("%d bytes, %s: %s printed %s", len(group), assignor, command, out)
				}
			}
		}
	}
}

// client runs a command of the client with the cluster's login.
func client(t *testing.T, c *kafkatest.Cluster, args ...string) string {
	t.Helper()
	t.Setenv("KAFKA_USERNAME", c.Config.Username)
	t.Setenv("KAFKA_PASSWORD", string(c.Config.Password))
	t.Setenv("KAFKA_CA", c.Config.CA)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, stderr bytes.Buffer
	if err := run(ctx, args, io.Writer(&out), &stderr); err != nil {
		t.Errorf("%.60q: %v", fmt.Sprint(args), err)
	}
	return out.String() + stderr.String()
}
