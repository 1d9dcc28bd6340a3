package provision

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/testing/lacks"
)

// Printing the commands needs no cluster and prints no secret; the secrets are in the folder.
func TestPrintNeedsNoCluster(t *testing.T) {
	cfg := Config{Flags: Flags{Handouts: t.TempDir(), Print: true}, Room: room(t).Room, Secret: secret}
	cfg.Kafka.Brokers = []string{"kafka.example:9092"}
	out := provision(t, cfg)
	ns := string(cfg.Namespace)
	for _, line := range []string{
		"KAFKA='--bootstrap-server kafka.example:9092 --command-config admin.properties'",
		"kafka-topics.sh $KAFKA --create --if-not-exists --topic " + ns + "new_users --partitions 5 --config ",
		"kafka-configs.sh $KAFKA --alter --entity-type users --entity-name " + ns + "team-5 --add-config-file users/" + ns + "team-5.properties",
		"kafka-acls.sh $KAFKA --add --allow-principal User:" + ns + "team-3 --operation Read --operation Write --topic " + ns + "team-3. --resource-pattern-type prefixed",
		"kafka-acls.sh $KAFKA --add --allow-principal User:" + ns + "leaderboard --operation Describe --group '*'",
		"--entity-name " + ns + "team-1 --add-config consumer_byte_rate=33554432,producer_byte_rate=2097152,request_percentage=50",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("it lacks %s", line)
		}
	}

	files, err := os.ReadDir(filepath.Join(cfg.Handouts, usersFolder))
	if err != nil || len(files) != cfg.Teams+2 {
		t.Fatalf("users' files: %v, %v", files, err)
	}
	for _, f := range files {
		user := strings.TrimSuffix(f.Name(), ".properties")
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
		if strings.Contains(out, string(cfg.Secret.Password(user))) {
			t.Errorf("the password of %s is printed", user)
		}
	}
	handouts, err := os.ReadFile(filepath.Join(cfg.Handouts, "handouts.csv"))
	if err != nil || !strings.Contains(string(handouts), string(cfg.Secret.Password(cfg.User(3)))) {
		t.Errorf("handouts without team 3's login: %v", err)
	}
	if t.Failed() {
		t.Log(out)
	}

	cfg.Remove = true
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "--print") {
		t.Errorf("with --remove: %v", err)
	}
}

// Once an administrator has run the commands, provision has nothing to do.
func TestPrintedCommandsDoWhatProvisionDoes(t *testing.T) {
	if os.Getenv("TEST_KAFKA_USERNAME") == "" {
		lacks.Cluster(t, "Kafka's tools make users on a secured Apache Kafka alone")
	}
	cfg := room(t)
	cfg.Teams = 2
	printing := cfg
	printing.Print = true
	commands := provision(t, printing)

	runTools(t, cfg, commands)
	if out := provision(t, cfg); !strings.Contains(out, "nothing to change") || strings.Contains(out, "note:") {
		t.Errorf("after the commands, it printed %s", out)
	}
	if err := as(t, cfg, "team-2").Ping(t.Context()); err != nil {
		t.Errorf("team 2 cannot log in: %v", err)
	}
}

// runTools runs the commands with Kafka's own tools, in the folder of the handouts, as the test cluster's administrator.
func runTools(t *testing.T, cfg Config, commands string) {
	t.Helper()
	java, err := apache.FindJava(t.Context())
	if err != nil {
		lacks.Part(t, "no tools of Kafka's: %v", err)
	}
	jars, err := apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		lacks.Part(t, "no tools of Kafka's: %v", err)
	}

	bin := t.TempDir()
	files := map[string]string{
		filepath.Join(cfg.Handouts, "admin.properties"): fmt.Sprintf("security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nssl.truststore.type=PEM\nssl.truststore.location=%s\n"+
			"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=%q password=%q;\n", cfg.Kafka.CA, cfg.Kafka.Username, string(cfg.Kafka.Password)),
	}
	for tool, class := range map[string]string{
		"kafka-topics.sh": "org.apache.kafka.tools.TopicCommand", "kafka-acls.sh": "org.apache.kafka.tools.AclCommand", "kafka-configs.sh": "kafka.admin.ConfigCommand",
	} {
		files[filepath.Join(bin, tool)] = fmt.Sprintf("#!/bin/sh\nexec %s -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp '%s/*' %s \"$@\"\n", java, jars, class)
	}
	for file, text := range files {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	cmd.Dir = cfg.Handouts
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// A user who lacks the rights learns what to ask an administrator for.
func TestARefusalNamesWhatToAskFor(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	team := cfg
	team.Kafka.Username = cfg.User(1)
	team.Kafka.Password = cfg.Secret.Password(team.Kafka.Username)

	err := Run(t.Context(), team, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "log in as an administrator") || !strings.Contains(err.Error(), "leaderboard provision --print") {
		t.Errorf("a team's login: %v", err)
	}
}
