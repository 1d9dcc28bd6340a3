package kafka

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Each wrong setting causes a one-line error that names the flag and quotes no secret.
func TestValidateNamesTheLoginsFlag(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	key := AWS{AccessKeyID: "AKID", SecretAccessKey: "geheim"}
	for _, tc := range []struct {
		change func(*Config)
		says   string
	}{
		{func(c *Config) { c.Username = "me" }, "--username without --password"},
		{func(c *Config) { c.Password = "geheim" }, "--password without --username"},
		{func(c *Config) { c.Token.File = "token" }, "are for --sasl OAUTHBEARER"},

		{func(c *Config) { c.SASL = oauthBearer }, "--sasl OAUTHBEARER needs --token-file, or --token-url"},
		{func(c *Config) { c.SASL, c.Token.URL = oauthBearer, "https://login/token" }, "--token-url needs --username and KAFKA_PASSWORD"},
		{func(c *Config) { c.SASL, c.Token.URL, c.Username = oauthBearer, "https://login/token", "me" }, "--username without --password"},
		{func(c *Config) { c.SASL, c.Token.URL, c.Token.File = oauthBearer, "https://login/token", "token" }, "give one of them"},
		{func(c *Config) { c.SASL, c.Token.File, c.Username = oauthBearer, "token", "me" }, "--token-file needs no --username"},
		{func(c *Config) { c.SASL, c.Token.URL, c.Username = oauthBearer, "login/token", "me" }, "--token-url is not an address"},
		{func(c *Config) { c.SASL, c.Token.URL, c.Username = oauthBearer, "https://me:geheim@login/token", "me" }, "--token-url is not an address"},
		{func(c *Config) { c.SASL, c.Token.URL, c.Username = oauthBearer, "http://login.room/token", "me" }, "--token-url of login.room: use https"},

		{func(c *Config) { c.SASL = mskIAM }, "needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{func(c *Config) { c.SASL, c.AWS = mskIAM, key }, "needs --tls"},
		{func(c *Config) { c.SASL, c.AWS, c.Username = mskIAM, key, "me" }, "remove --username"},
		{func(c *Config) { c.SASL, c.AWS, c.TLS = mskIAM, key, true }, `--brokers "kafka.room:9098": the host name contains no AWS region`},
	} {
		cfg := Config{Brokers: []string{"kafka.room:9098"}, SASL: "SCRAM-SHA-256"}
		tc.change(&cfg)
		err := cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), tc.says) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "geheim") {
			t.Errorf("got %v, want %q", err, tc.says)
		}
	}

	good := Config{Brokers: []string{"b-1.room.kafka.eu-central-1.amazonaws.com:9098"}, SASL: mskIAM, AWS: key, TLS: true}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_REGION", "eu-central-1")
	good.Brokers = []string{"kafka.room:9098"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

// A missing token file is reported when a program starts, not when it first connects.
func TestATokenFileIsReadAtTheStart(t *testing.T) {
	cfg := Config{Brokers: []string{"127.0.0.1:9092"}, SASL: oauthBearer, Token: Token{File: t.TempDir() + "/token"}}
	if _, err := cfg.Opts("test", nil); err == nil || !strings.HasPrefix(err.Error(), "--token-file: ") {
		t.Errorf("no file: %v", err)
	}

	for text, says := range map[string]string{"": "holds no token", "geheim \x01auth=x": "holds no token", strings.Repeat("a", maxToken+1): "holds no token", "geheim.-_~+/=\n": ""} {
		if err := os.WriteFile(cfg.Token.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := cfg.Opts("test", nil)
		if (says == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "geheim")) {
			t.Errorf("%.20q: %v, want %q", text, err, says)
		}
	}
}

// The payload for MSK has the signature that AWS's own signer computes for it.
func TestMSKPayloadIsSignedAsByAWS(t *testing.T) {
	const host = "b-1.room.kafka.eu-central-1.amazonaws.com"
	for name, session := range map[string]workshop.Secret{"lasting": "", "temporary": "session/token+="} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Brokers: []string{host + ":9098"}, SASL: mskIAM, TLS: true, AWS: AWS{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG", SessionToken: session}}
			_, payload, err := cfg.mechanism(nil).Authenticate(t.Context(), host+":9098")
			if err != nil {
				t.Fatal(err)
			}
			var sent map[string]string
			if err := json.Unmarshal(payload, &sent); err != nil {
				t.Fatal(err)
			}
			if sent["version"] != "2020_10_22" || sent["host"] != host || sent["action"] != "kafka-cluster:Connect" || sent["user-agent"] != "kafka-workshop" {
				t.Errorf("sent %v", sent)
			}
			if strings.Contains(string(payload), string(cfg.AWS.SecretAccessKey)) {
				t.Error("the secret is in the payload")
			}

			if got := signature(t, cfg.AWS, sent, host); got != sent["x-amz-signature"] {
				t.Errorf("signed %s, and AWS's signer %s", sent["x-amz-signature"], got)
			}
		})
	}
}

// signature returns the signature by AWS's signer for the request that a payload represents.
func signature(t *testing.T, key AWS, sent map[string]string, host string) string {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", sent["x-amz-date"])
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/?Action=kafka-cluster%3AConnect&X-Amz-Expires="+sent["x-amz-expires"], nil)
	if err != nil {
		t.Fatal(err)
	}
	credentials := aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: string(key.SecretAccessKey), SessionToken: string(key.SessionToken)}
	const emptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), credentials, request, emptyBody, "kafka-cluster", "eu-central-1", at)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(signed, "X-Amz-Signature=")
	return after
}
