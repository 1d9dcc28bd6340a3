//go:build !windows

package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/datadir"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestWhatCannotStartSaysWhy checks that an error before Java starts leaves nothing behind.
func TestWhatCannotStartSaysWhy(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	held := t.TempDir()
	other, err := datadir.Open(held, "")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	three := t.TempDir()
	if err := os.WriteFile(filepath.Join(three, "cluster.json"), []byte(`{"id":"AAAAAAAAQACAAAAAAAAAAA","nodes":3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   string
		status int
		args   []string
	}{
		{"--nodes 2: use 1 or 3", cli.UsageWrong, []string{"--nodes", "2"}},
		{"--port 65535: use 1 to 65533", cli.UsageWrong, []string{"--nodes", "3", "--port", "65535"}},
		{"give the one address that clients connect to", cli.UsageWrong, []string{"--listen", "0.0.0.0"}},
		{"without its port", cli.UsageWrong, []string{"--listen", "192.168.1.5:9092"}},
		{`--kafka-version "4": give a version as in 3.9.1`, cli.UsageWrong, []string{"--kafka-version", "4"}},
		{"--properties: open no-such-file", cli.Failed, []string{"--properties", "no-such-file", "--port", "0"}},
		{"is not an address of this machine", cli.Failed, []string{"--listen", "203.0.113.9"}},
		{"is in use by another program", cli.Failed, []string{"--port", port}},
		{"in use by another run", cli.Failed, []string{"--data", held}},
		{"holds a cluster with --nodes 3", cli.Failed, []string{"--data", three, "--nodes", "1"}},
	} {
		args := append([]string{"--data", t.TempDir()}, c.args...)
		var stderr strings.Builder
		err := run(t.Context(), args, io.Discard, io.Discard)
		if got := cli.Status("kafka", err, &stderr); got != c.status || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%v: status %d, %q; want %d and %q", c.args, got, stderr.String(), c.status, c.want)
		}
	}
}

func TestPropertiesOfEveryKind(t *testing.T) {
	for _, nodes := range []int{1, 3} {
		for _, secure := range []bool{false, true} {
			b, err := properties(nodes, secure)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]string{}
			for line := range strings.Lines(string(b)) {
				key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
				if strings.HasPrefix(line, "#") || !ok {
					continue
				}
				if _, twice := seen[key]; twice {
					t.Errorf("%d nodes, secure %v: %s stands there twice", nodes, secure, key)
				}
				seen[key] = value
			}
			if got := seen["authorizer.class.name"] != ""; got != secure {
				t.Errorf("secure %v: an authorizer %v", secure, got)
			}
			if got := seen["offsets.topic.replication.factor"]; got != strconv.Itoa(nodes) {
				t.Errorf("%d nodes: offsets on %s", nodes, got)
			}
			if got := seen["broker.session.timeout.ms"]; got != "3000" {
				t.Errorf("%d nodes: a session of %s ms", nodes, got)
			}
		}
	}
}

func TestTheAuthorityIsMadeOnceAndSignsForTheAddress(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cert, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem")
	first, err := openAuthority(cert, key, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openAuthority(cert, key, now.Add(time.Hour))
	if err != nil || string(again.pem) != string(first.pem) {
		t.Fatalf("made anew: %v", err)
	}
	store, err := again.keystore(now, "192.168.1.5", "localhost", "")
	if err != nil {
		t.Fatal(err)
	}
	private, rest := pem.Decode(store)
	if _, err := x509.ParsePKCS8PrivateKey(private.Bytes); err != nil {
		t.Errorf("a key that Kafka can't read: %v", err)
	}
	block, _ := pem.Decode(rest)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(first.pem)
	for name, good := range map[string]bool{"192.168.1.5": true, "localhost": true, "192.168.1.6": false} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now.Add(-24 * time.Hour)})
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
