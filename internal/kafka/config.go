package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kslog"
)

// Config holds the flags of the connection to the cluster. kong sets the defaults.
type Config struct {
	Brokers  []string        `env:"KAFKA_BROKERS" default:"127.0.0.1:9092" help:"Addresses of the cluster's brokers, host:port, separated by commas."`
	Username string          `env:"KAFKA_USERNAME" help:"User to log in as; enables SASL."`
	Password workshop.Secret `env:"KAFKA_PASSWORD" help:"The user's password. Better in the environment or --env FILE than on the command line."`
	SASL     string          `name:"sasl" env:"KAFKA_SASL" enum:"SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER,AWS_MSK_IAM" default:"SCRAM-SHA-256" help:"SASL mechanism: SCRAM-SHA-256, SCRAM-SHA-512, PLAIN, OAUTHBEARER or AWS_MSK_IAM."`
	TLS      bool            `name:"tls" env:"KAFKA_TLS" help:"Use TLS."`
	CA       string          `name:"ca" env:"KAFKA_CA" placeholder:"FILE" help:"PEM file of the CA that signed the brokers' certificates; enables TLS."`
	Token    Token           `embed:"" prefix:"token-" group:"OAUTHBEARER"`
	AWS      AWS             `embed:"" prefix:"aws-" group:"AWS_MSK_IAM"`

	Dial func(ctx context.Context, network, addr string) (net.Conn, error) `kong:"-"` // nil for the default
}

// Validate names the flag at fault.
func (c Config) Validate() error {
	if len(c.Brokers) == 0 {
		return errors.New("--brokers is empty: give host:port")
	}

	for _, b := range c.Brokers {
		if _, port, err := net.SplitHostPort(strings.TrimSpace(b)); err != nil || port == "" {
			return fmt.Errorf("--brokers %q: give host:port, as in 192.168.1.5:9092", b)
		}
	}

	return c.validateLogin()
}

// MaxResponse is the maximum size of a response that clients read. It is larger than any sensible
// max.message.bytes, because brokers send a batch that exceeds a fetch's limits as a whole.
const MaxResponse = 16 << 20

// Opts returns the options that all our clients have in common. A client retries a broker that is unavailable
// with a back-off of 100 ms to 2 s, and notices a dead connection within seconds. The sizes of responses and of
// decompressed batches are limited, because others write to the topics too.
func (c Config) Opts(clientID string, log *slog.Logger) ([]kgo.Opt, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}

	seeds := make([]string, len(c.Brokers))
	for i, b := range c.Brokers {
		seeds[i] = strings.TrimSpace(b)
	}

	opts := []kgo.Opt{
		kgo.SeedBrokers(seeds...),
		kgo.ClientID(clientID),
		kgo.MetadataMinAge(250 * time.Millisecond),
		kgo.RetryTimeout(5 * time.Second),
		kgo.RequestTimeoutOverhead(3 * time.Second),
		kgo.RetryBackoffFn(Backoff(100*time.Millisecond, 2*time.Second)),
		kgo.MaxDecompressBatchBytes(MaxBatch),
		kgo.FetchMaxBytes(8 << 20),
		kgo.FetchMaxPartitionBytes(1 << 20),
		kgo.BrokerMaxReadBytes(MaxResponse),
	}
	if log != nil {
		opts = append(opts, kgo.WithLogger(kslog.New(quiet(log))))
	}

	tlsConfig, err := c.TLSConfig()
	if err != nil {
		return nil, err
	}
	if c.LogsIn() {
		opts = append(opts, kgo.SASL(c.mechanism(tlsConfig)))
	}
	if c.Token.File != "" { // report a wrong path at the start
		if _, err := c.Token.read(context.Background()); err != nil {
			return nil, err
		}
	}

	dialer := &net.Dialer{Timeout: 3 * time.Second}
	switch {
	case c.Dial != nil:
		return append(opts, kgo.Dialer(c.dialTLS(tlsConfig))), nil
	case tlsConfig != nil:
		return append(opts, kgo.Dialer((&tls.Dialer{NetDialer: dialer, Config: tlsConfig}).DialContext)), nil
	}

	return append(opts, kgo.Dialer(dialer.DialContext)), nil
}

// dialTLS returns Dial, with TLS if it is enabled.
func (c Config) dialTLS(tlsConfig *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := c.Dial(ctx, network, addr)
		if err != nil || tlsConfig == nil {
			return conn, err
		}

		host, _, _ := net.SplitHostPort(addr)
		cfg := tlsConfig.Clone()
		cfg.ServerName = host
		return tls.Client(conn, cfg), nil
	}
}

// TLSConfig returns nil if TLS is disabled.
func (c Config) TLSConfig() (*tls.Config, error) {
	if !c.TLS && c.CA == "" {
		return nil, nil
	}

	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA == "" {
		return out, nil
	}

	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}

	out.RootCAs = x509.NewCertPool()
	if !out.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca %s: the file contains no PEM certificate", c.CA)
	}
	return out, nil
}

// Backoff returns a function for the delay before each retry: it doubles from least to most, minus up to a fifth of jitter.
func Backoff(least, most time.Duration) func(tries int) time.Duration {
	return func(tries int) time.Duration {
		d := least << min(max(tries-1, 0), 20)
		if d > most || d <= 0 {
			d = most
		}
		return d - jitter(d/5)
	}
}

// Sleep waits this long. It returns false if ctx ends first.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
