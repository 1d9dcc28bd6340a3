package kafka

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// login returns settings of an endpoint, and a function that returns an OAUTHBEARER client's first message.
func login(t *testing.T, endpoint string) (Config, func() (string, error)) {
	t.Helper()
	cfg := Config{
		Brokers: []string{"127.0.0.1:9092"}, SASL: oauthBearer, Username: "board", Password: "geheim&lang",
		Token: Token{URL: endpoint, Scope: "kafka read", Extensions: map[string]string{"logicalCluster": "lkc-1"}},
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	mechanism := cfg.mechanism(nil)
	return cfg, func() (string, error) {
		_, first, err := mechanism.Authenticate(t.Context(), "127.0.0.1:9092")
		return string(first), err
	}
}

// Logins share a token until four fifths of its life have passed.
func TestTokensAreSharedAndRenewed(t *testing.T) {
	var given atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "board" || secret != "geheim%26lang" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka read" {
			t.Errorf("asked with %s, %s, %v", id, secret, r.Form)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprintf("token-%d", given.Add(1)), "token_type": "Bearer", "expires_in": 600})
	}))
	defer server.Close()

	cfg, first := login(t, server.URL+"/token")
	for range 2 {
		if got, err := first(); err != nil || got != "n,,\x01auth=Bearer token-1\x01logicalCluster=lkc-1\x01\x01" {
			t.Fatalf("sent %q, %v", got, err)
		}
	}

	e := cfg.endpoint(nil)
	if _, err := e.token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(e.renew); left < 7*time.Minute || left > 8*time.Minute {
		t.Errorf("of 10 minutes, it is renewed after %v", left)
	}
	e.renew = time.Now()
	if got, err := e.token(t.Context()); err != nil || got != "token-3" {
		t.Errorf("then %s, %v", got, err)
	}
}

// An error of the endpoint is one line, without the client's secret, and shows whether a retry may help.
func TestEndpointFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		answer   func(http.ResponseWriter)
		says     string
		rejected bool
	}{
		"a wrong secret": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_client","error_description":"not geheim&lang,\n\u001b[31mbut"}`)
		}, "gives no token for the client board: 401 Unauthorized invalid_client not ***, ", true},
		"an unknown scope": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_scope"}`)
		}, "400 Bad Request", true},
		"out of order":   {func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }, "503 Service Unavailable", false},
		"a captive wifi": {func(w http.ResponseWriter) { fmt.Fprint(w, "<html>Log in\nplease</html>") }, "cannot get a token from the token endpoint 127.0.0.1:", false},
		"sent elsewhere": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "/other")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "307 Temporary Redirect", false},
		"an odd token":    {func(w http.ResponseWriter) { answerToken(w, "a\x01auth=b") }, "holds other characters", true},
		"an empty answer": {func(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/json"); fmt.Fprint(w, "{}") }, "missing access_token", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/token" {
					t.Errorf("the secret went to %s", r.URL.Path)
				}
				tc.answer(w)
			}))
			defer server.Close()
			_, first := login(t, server.URL+"/token")
			_, err := first()
			checkTokenError(t, err, tc.says, tc.rejected)
		})
	}

	server := httptest.NewServer(nil)
	address := server.URL
	server.Close()
	_, first := login(t, address+"/token")
	_, err := first()
	checkTokenError(t, err, "connection refused", false)
}

func answerToken(w http.ResponseWriter, token string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token})
}

func checkTokenError(t *testing.T, err error, says string, rejected bool) {
	t.Helper()
	var token TokenError
	if !errors.As(err, &token) || !strings.Contains(token.Text, says) || token.Rejected != rejected || token.Temporary() == rejected {
		t.Errorf("%+v, want %q, rejected %v", err, says, rejected)
	}
	if text := fmt.Sprint(err); strings.Contains(text, "geheim") || strings.ContainsAny(text, "\n\x1b") {
		t.Errorf("it says %q", text)
	}
}

// An endpoint with a certificate of the brokers' authority is trusted, and one with another is not.
func TestTheEndpointIsTrustedAsTheBrokersAre(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerToken(w, "token") }))
	defer server.Close()
	server.Config.ErrorLog = nil
	cfg, first := login(t, server.URL+"/token")
	_, err := first()
	checkTokenError(t, err, "certificate", false)

	cfg.CA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(cfg.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	tlsConfig, err := cfg.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cfg.endpoint(tlsConfig).token(t.Context()); err != nil || got != "token" {
		t.Errorf("%s, %v", got, err)
	}
}
