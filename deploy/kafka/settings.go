package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// clientConfig is the administrator's client configuration.
func (c *cluster) clientConfig() kafka.Config {
	cfg := kafka.Config{SASL: "SCRAM-SHA-256", Brokers: c.brokers()}
	if c.flags.Secure {
		cfg.Username = admin
		cfg.Password = workshop.Secret(c.password)
		cfg.CA = c.caFile()
	}
	return cfg
}

func (c *cluster) brokers() []string {
	var out []string
	for _, n := range c.nodes {
		out = append(out, n.at.clients)
	}
	return out
}

func (c *cluster) caFile() string { return c.data.Path("ca.pem") }

// javaFile is the --command-config of Kafka's command-line tools.
func (c *cluster) javaFile() string { return c.data.Path("client.properties") }

func (c *cluster) settingsFile() string {
	if c.flags.Settings == "" {
		return c.data.Path("settings.env")
	}

	file, err := filepath.Abs(c.flags.Settings)
	if err != nil {
		return c.flags.Settings
	}
	return file
}

// writeSettings writes the client settings for our programs (--env) and for Kafka's tools. The --env file
// appears, complete, only once the cluster is ready: scripts wait for it.
func (c *cluster) writeSettings() error {
	ours := "# Apache Kafka as deploy/kafka started it. Read it with --env. Keep it secret.\n" +
		"KAFKA_BROKERS=" + strings.Join(c.brokers(), ",") + "\n"
	java := "# For the command-line tools of Apache Kafka: --command-config. Keep it secret.\n"
	if c.flags.Secure {
		ca, err := cli.EnvLine("KAFKA_CA", c.caFile())
		if err != nil {
			return err
		}
		ours += fmt.Sprintf("KAFKA_USERNAME=%s\nKAFKA_PASSWORD=%s\nKAFKA_SASL=SCRAM-SHA-256\n", admin, c.password) + ca
		java += fmt.Sprintf("security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n"+
			"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=%q password=%q;\n"+
			"ssl.truststore.type=PEM\nssl.truststore.location=%s\n", admin, c.password, filepath.ToSlash(c.caFile()))
	}

	if err := textfile.WritePrivate(c.javaFile(), []byte(java)); err != nil {
		return err
	}
	if err := textfile.WritePrivate(c.settingsFile(), []byte(ours)); err != nil {
		return fmt.Errorf("--settings: %w", err)
	}
	return nil
}

// banner lists the addresses and files.
func (c *cluster) banner() string {
	security := "plain text, no login"
	if c.flags.Secure {
		security = "TLS, SCRAM-SHA-256 and ACLs; the administrator is " + admin
	}
	return fmt.Sprintf(`
Apache Kafka %s is ready, nodes: %d.

  Brokers                   %s
  Security                  %s
  Settings, for --env       %s
  For Java's tools          %s
  Data and logs             %s

  A class on it:            go run ./deploy/local --env %s%s

Ctrl+C stops it. The next start continues with the same data; --fresh starts empty.
`, c.flags.version(), c.flags.Nodes, strings.Join(c.brokers(), ","), security, c.settingsFile(), c.javaFile(),
		filepath.Dir(c.javaFile()), c.settingsFile(), c.pages())
}

// pages returns the flags with which the board and the panel listen where the brokers do.
func (c *cluster) pages() string {
	if c.flags.loopback() {
		return ""
	}
	return fmt.Sprintf(" --board %s --panel %s", net.JoinHostPort(c.flags.Listen, "8080"), net.JoinHostPort(c.flags.Listen, "8081"))
}
