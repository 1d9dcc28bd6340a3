//go:build !windows

package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// An issuer gives signed tokens to clients that know its secret, and serves its key to brokers.
type issuer struct {
	*httptest.Server
	key   *rsa.PrivateKey
	given atomic.Int32
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, basic := r.BasicAuth()
		if !basic { // the library also tries the other method of RFC 6749
			id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
		}
		w.Header().Set("Content-Type", "application/json")
		if secret != "client-secret" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is not the secret"}`, secret)
			return
		}
		i.given.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": i.token(t, id, time.Minute), "token_type": "Bearer", "expires_in": 3})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// token returns a signed token for a user.
func (i *issuer) token(t *testing.T, user string, life time.Duration) string {
	now := time.Now()
	claims := map[string]any{"sub": user, "iss": i.URL, "aud": "workshop", "iat": now.Unix(), "exp": now.Add(life).Unix(), "scope": "kafka"}
	var parts []string
	for _, part := range []map[string]any{{"alg": "RS256", "typ": "JWT", "kid": "one"}, claims} {
		b, err := json.Marshal(part)
		if err != nil {
			t.Error(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(b))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, ".")))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Error(err)
	}
	return strings.Join(append(parts, base64.RawURLEncoding.EncodeToString(signature)), ".")
}

// properties makes a broker accept the issuer's tokens, and end each session that used one after 4 s.
func (i *issuer) properties(t *testing.T) string {
	t.Helper()
	t.Setenv("JAVA_TOOL_OPTIONS", "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="+i.URL+"/keys") // brokers fetch keys from nowhere else
	file := filepath.Join(t.TempDir(), "oauth.properties")
	text := `sasl.enabled.mechanisms=SCRAM-SHA-256,OAUTHBEARER
listener.name.clients.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.clients.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.clients.oauthbearer.connections.max.reauth.ms=4000
sasl.oauthbearer.jwks.endpoint.url=` + i.URL + `/keys
sasl.oauthbearer.expected.audience=workshop
sasl.oauthbearer.expected.issuer=` + i.URL + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Clients log in to a real broker with tokens from an endpoint or a file, and again before their sessions end.
func TestClientsLogInWithTokens(t *testing.T) {
	needsJava(t)
	issuer := newIssuer(t)
	data := t.TempDir()
	start(t, data, "--secure", "--properties", issuer.properties(t))
	cfg := settings(t, data)
	cfg.SASL = "OAUTHBEARER"
	cfg.Username, cfg.Password = "admin", "client-secret"
	cfg.Token.URL = issuer.URL + "/token"

	t.Run("of an endpoint", func(t *testing.T) {
		admin := client(t, cfg)
		users := kadm.NewACLs().Topics("new_users").Allow("User:board").AllowHosts().Operations(kadm.OpRead).ResourcePatternType(kadm.ACLPatternLiteral)
		if made, err := kadm.NewClient(admin).CreateACLs(t.Context(), users); err != nil || made[0].Err != nil {
			t.Fatalf("the token's subject is the administrator, and may not make an ACL: %v, %v", err, made)
		}
		first := issuer.given.Load()
		wait.Until(t, "two more tokens, while each request is answered", func() bool {
			if err := admin.Ping(t.Context()); err != nil {
				t.Fatalf("after %d tokens: %v", issuer.given.Load(), err)
			}
			return issuer.given.Load() >= first+2
		})
	})

	t.Run("provision, and a team's check", func(t *testing.T) {
		env := filepath.Join(t.TempDir(), "oauth.env")
		text := fmt.Sprintf("KAFKA_BROKERS=%s\nKAFKA_CA=%s\nKAFKA_SASL=OAUTHBEARER\nKAFKA_TOKEN_URL=%s\nKAFKA_USERNAME=admin\nKAFKA_PASSWORD=client-secret\n", cfg.Brokers[0], cfg.CA, cfg.Token.URL)
		if err := os.WriteFile(env, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		handouts := t.TempDir()
		t.Setenv("WORKSHOP_SECRET", "a secret of this test alone")
		board := build(t, "leaderboard")
		said := printed(t, exec.Command(board, "provision", "--env", env, "--teams", "1", "--handouts", handouts))
		if again := printed(t, exec.Command(board, "provision", "--env", env, "--teams", "1", "--handouts", handouts)); !strings.Contains(again, "nothing to change") {
			t.Errorf("provision printed %s, and then %s", said, again)
		}
		if checked := printed(t, exec.Command(build(t, "participant-client"), "check", "--env", env, "--team", "1")); !strings.Contains(checked, "as admin with OAUTHBEARER") || strings.Contains(checked, "client-secret") {
			t.Errorf("check printed %s", checked)
		}
	})

	t.Run("with a wrong secret", func(t *testing.T) {
		wrong := cfg
		wrong.Password = "geheim"
		err := client(t, wrong).Ping(t.Context())
		var token kafka.TokenError
		if !errors.As(err, &token) || !token.Rejected || !strings.Contains(token.Text, "invalid_client *** is not the secret") {
			t.Errorf("a wrong secret: %v", err)
		}
	})

	file := cfg
	file.Username, file.Password, file.Token.URL = "", "", ""
	file.Token.File = filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		t.Helper()
		if err := os.WriteFile(file.Token.File, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("of a file", func(t *testing.T) {
		write(issuer.token(t, "admin", time.Minute))
		if err := client(t, file).Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("of another issuer", func(t *testing.T) {
		other := newIssuer(t)
		write(other.token(t, "admin", time.Minute))
		err := client(t, file, kgo.RequestRetries(0)).Ping(t.Context())
		if !errors.Is(err, kerr.SaslAuthenticationFailed) || !strings.Contains(err.Error(), "the broker rejects the token") {
			t.Errorf("another issuer's token: %v", err)
		}
	})
}
