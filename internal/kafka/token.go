package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Token configures where the tokens of OAUTHBEARER come from: an endpoint, by the client credentials grant, or a file.
type Token struct {
	URL        string            `env:"KAFKA_TOKEN_URL" placeholder:"URL" help:"Endpoint that gives tokens for client credentials. --username and KAFKA_PASSWORD are the client's id and secret."`
	Scope      string            `env:"KAFKA_TOKEN_SCOPE" help:"Scopes to ask the endpoint for, separated by spaces."`
	File       string            `env:"KAFKA_TOKEN_FILE" placeholder:"FILE" help:"File that holds a token, instead of an endpoint. It is read at each login, so another program may renew it."`
	Extensions map[string]string `env:"KAFKA_TOKEN_EXTENSIONS" mapsep:"," placeholder:"NAME=VALUE,..." help:"Extensions to send with the token, as in logicalCluster=lkc-1,identityPoolId=pool-1."`
}

const (
	tokenTimeout = 10 * time.Second
	maxToken     = 64 << 10
	maxReason    = 200 // characters of others' messages about a token
)

// validate names the flag at fault.
func (t Token) validate(clientID string) error {
	switch {
	case t.File != "" && t.URL != "":
		return errors.New("--token-file and --token-url: give one of them")
	case t.File != "" && clientID != "":
		return errors.New("--token-file needs no --username and --password: remove them, or give --token-url instead")
	case t.File != "":
		return nil
	case t.URL == "":
		return errors.New("--sasl OAUTHBEARER needs --token-file, or --token-url with --username and KAFKA_PASSWORD (the client's id and secret)")
	case clientID == "":
		return errors.New("--token-url needs --username and KAFKA_PASSWORD: the client's id and secret")
	}

	u, err := url.Parse(t.URL)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return errors.New("--token-url is not an address as in https://login.example.org/oauth2/token") // it may hold a secret
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && u.Hostname() != "localhost" && !ip.IsLoopback() {
		return fmt.Errorf("--token-url of %s: use https, because the client's secret goes there", u.Host)
	}
	return nil
}

// A TokenError explains in one line why there is no token to log in with.
type TokenError struct {
	Text     string
	Rejected bool // by the endpoint, or by us: the same login fails again
}

func (e TokenError) Error() string { return e.Text }

// Temporary tells the client library that trying again may help.
func (e TokenError) Temporary() bool { return !e.Rejected }

// bearer returns the OAUTHBEARER mechanism. The library asks it for a token at each login, and before a
// broker's session with the last one ends (KIP-368).
func (c Config) bearer(tlsConfig *tls.Config) sasl.Mechanism {
	token := c.Token.read
	if c.Token.URL != "" {
		token = c.endpoint(tlsConfig).token
	}
	return bearer{oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		text, err := token(ctx)
		return oauth.Auth{Token: text, Extensions: c.Token.Extensions}, err
	})}
}

// read returns the token in the file.
func (t Token) read(context.Context) (string, error) {
	file, err := os.Open(t.File)
	if err != nil {
		return "", TokenError{Text: fmt.Sprintf("--token-file: %v", err)}
	}
	defer file.Close()

	b, err := io.ReadAll(io.LimitReader(file, maxToken+1))
	if err != nil {
		return "", TokenError{Text: fmt.Sprintf("--token-file: %v", err)}
	}

	text := strings.TrimSpace(string(b))
	if text == "" || len(b) > maxToken || !isToken(text) {
		return "", TokenError{Text: fmt.Sprintf("--token-file %s: the file holds no token: only letters, digits and -._~+/= are allowed", t.File)}
	}
	return text, nil
}

// isToken reports whether a text is one that RFC 6750 allows. Others could add fields to the login.
func isToken(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~+/=", r)
	}) < 0
}

// endpoint returns the tokens of --token-url.
func (c Config) endpoint(tlsConfig *tls.Config) *endpoint {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	if tlsConfig != nil && c.CA != "" {
		transport.TLSClientConfig = tlsConfig.Clone()
		transport.TLSClientConfig.RootCAs = withSystemRoots(c.CA)
	}

	return &endpoint{
		credentials: clientcredentials.Config{
			ClientID: c.Username, ClientSecret: string(c.Password), TokenURL: c.Token.URL, Scopes: strings.Fields(c.Token.Scope),
		},
		http: &http.Client{
			Timeout: tokenTimeout, Transport: transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret goes to nobody else
		},
	}
}

// withSystemRoots returns the system's authorities and that of the file, which has been read before.
func withSystemRoots(file string) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if pem, err := os.ReadFile(file); err == nil {
		pool.AppendCertsFromPEM(pem)
	}
	return pool
}

// An endpoint gives tokens for client credentials. Its methods are safe for concurrent use.
type endpoint struct {
	http        *http.Client
	credentials clientcredentials.Config

	mu    sync.Mutex // held while a token is fetched, so that connections share one
	last  string
	renew time.Time // when the last token is to be replaced
}

// token returns the last token, or a new one after four fifths of the last one's life. The library logs in
// again after 95 %, which would fetch no new one if tokens were used up to their end.
func (e *endpoint) token(ctx context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last != "" && time.Now().Before(e.renew) {
		return e.last, nil
	}

	began := time.Now()
	t, err := e.credentials.Token(context.WithValue(ctx, oauth2.HTTPClient, e.http))
	if err != nil {
		return "", e.explain(err)
	}
	if !isToken(t.AccessToken) {
		return "", TokenError{Text: e.host() + " gives a token that holds other characters than letters, digits and -._~+/=", Rejected: true}
	}

	e.last = t.AccessToken
	e.renew = began // without a time of expiry, each login asks for a token
	if !t.Expiry.IsZero() {
		e.renew = began.Add(t.Expiry.Sub(began) * 4 / 5)
	}
	return e.last, nil
}

// explain puts an error of the endpoint on one line, without the client's secret.
func (e *endpoint) explain(err error) error {
	var (
		answer *oauth2.RetrieveError
		failed *url.Error
	)
	switch {
	case errors.As(err, &answer):
		status := answer.Response.StatusCode
		rejected := status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden
		reason := strings.TrimSpace(answer.Response.Status + " " + answer.ErrorCode + " " + answer.ErrorDescription)
		return TokenError{fmt.Sprintf("%s gives no token for the client %s: %s", e.host(), e.credentials.ClientID, e.clean(reason)), rejected}
	case errors.As(err, &failed):
		return TokenError{Text: fmt.Sprintf("cannot get a token from %s: %s", e.host(), e.clean(failed.Err.Error()))}
	}
	return TokenError{Text: fmt.Sprintf("cannot get a token from %s: %s", e.host(), e.clean(strings.TrimPrefix(err.Error(), "oauth2: ")))}
}

func (e *endpoint) host() string {
	u, err := url.Parse(e.credentials.TokenURL)
	if err != nil {
		return "the token endpoint"
	}
	return "the token endpoint " + u.Host
}

// clean limits the length of others' text, and hides the secret if they repeat it.
func (e *endpoint) clean(text string) string {
	text = strings.ReplaceAll(text, e.credentials.ClientSecret, "***")
	return workshop.CleanText(strings.Join(strings.Fields(text), " "), maxReason)
}

// bearer reports the broker's response to a token that it rejects, which the library's mechanism does not.
type bearer struct{ sasl.Mechanism }

func (b bearer) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	session, first, err := b.Mechanism.Authenticate(ctx, host)
	return bearerSession{session}, first, err
}

type bearerSession struct{ sasl.Session }

// Challenge gets nothing if the broker accepts the token, and a JSON object otherwise (RFC 7628, section 3.2.2).
func (s bearerSession) Challenge(answer []byte) (bool, []byte, error) {
	if len(answer) == 0 {
		return s.Session.Challenge(answer)
	}

	var reason struct {
		Status string `json:"status"`
	}
	_ = json.Unmarshal(answer, &reason) // any other response is a rejection as well
	return false, nil, fmt.Errorf("%w: the broker rejects the token: %s", kerr.SaslAuthenticationFailed, workshop.CleanText(reason.Status, maxReason))
}
