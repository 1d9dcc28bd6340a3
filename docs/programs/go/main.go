// Command team does a team's work as a member of its group. To start it: go mod init team, go mod tidy, go run .
package main

import (
	"context"
	// guide: ca
	"crypto/tls"
	"crypto/x509"
	// guide: actions
	"encoding/json"
	// guide: end
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	// guide: login
	"github.com/twmb/franz-go/pkg/sasl/scram"
	// guide: end
)

const (
	group = "team-7"
	topic = "new_users"
	// guide: actions
	team    = "team-7"
	actions = "team-7.actions"
	stats   = "team-7.stats"
	// guide: end
)

// guide: actions
type user struct {
	Email   string `json:"email"`
	Premium bool   `json:"premium"`
	Credit  int    `json:"credit"`
}

func wanted(u user) bool {
	return u.Premium && u.Credit > 10
}

// guide: end

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// guide: ca
	pem, err := os.ReadFile(os.Getenv("KAFKA_CA"))
	if err != nil {
		return err
	}

	ca := x509.NewCertPool()
	ca.AppendCertsFromPEM(pem)

	// guide: end
	clientID := fmt.Sprintf("%s-go-%d", group, os.Getpid())
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Getenv("KAFKA_BROKERS"), ",")...),
		kgo.ClientID(clientID),
		// guide: ca
		kgo.DialTLSConfig(&tls.Config{RootCAs: ca, MinVersion: tls.VersionTLS12}),
		// guide: end
		// guide: public kgo.DialTLS(),
		// guide: login
		kgo.SASL(scram.Auth{User: os.Getenv("KAFKA_USERNAME"), Pass: os.Getenv("KAFKA_PASSWORD")}.AsSha256Mechanism()),
		// guide: end
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), // where the group has not committed yet
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.SessionTimeout(10*time.Second),
		kgo.HeartbeatInterval(time.Second),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(), // no partition moves between a poll and its commit
	)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance() // leaves the group

	// guide: actions
	processed, flagged := 0, 0
	// guide: end
	for {
		fetches := client.PollRecords(ctx, 500)
		if ctx.Err() != nil {
			return nil
		}

		fetches.EachError(func(_ string, p int32, err error) { log.Printf("partition %d: %v", p, err) })
		// guide: actions
		var out []*kgo.Record
		// guide: end
		for _, r := range fetches.Records() {
			fmt.Printf("%s:%d:%d %s\n", r.Topic, r.Partition, r.Offset, r.Value)
			// guide: actions
			var u user
			if err := json.Unmarshal(r.Value, &u); err != nil {
				return err
			}

			processed++
			if wanted(u) {
				flagged++
				action, _ := json.Marshal(map[string]string{"customer": u.Email, "type": "CONTACT_CUSTOMER", "reason": "VIP_USER", "team": team})
				out = append(out, &kgo.Record{Topic: actions, Key: []byte(u.Email), Value: action})
			}
		}

		if len(out) > 0 {
			value := fmt.Sprintf(`{"team":%q,"processed":%d,"flagged":%d}`, team, processed, flagged)
			out = append(out, &kgo.Record{Topic: stats, Key: []byte(clientID), Value: []byte(value)})
		}
		if err := client.ProduceSync(context.Background(), out...).FirstErr(); err != nil {
			return err // and nothing is committed
			// guide: end
		}

		if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
			log.Printf("the next owner reads the last records again: %v", err)
		}
		client.AllowRebalance()
	}
}
