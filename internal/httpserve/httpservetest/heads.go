// Package httpservetest checks what every route of a service must do.
package httpservetest

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// CheckHeads requests each GET route of the engine with GET and with HEAD. HEAD must get the same response without a
// body, and open no stream. fill gives values for the routes' parameters, such as ":team".
func CheckHeads(t *testing.T, engine *gin.Engine, bearer string, fill map[string]string) {
	t.Helper()
	srv := httptest.NewServer(httpserve.ServeHEAD(engine))
	defer srv.Close()
	defer srv.CloseClientConnections()

	checked := 0
	for _, route := range engine.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		path := route.Path
		for name, value := range fill {
			path = strings.ReplaceAll(path, name, value)
		}

		for _, token := range []string{"", bearer} {
			want := ask(t, http.MethodGet, srv.URL+path, token)
			got := ask(t, http.MethodHead, srv.URL+path, token)
			checked++
			if got.status != want.status || got.body != "" {
				t.Errorf("HEAD %s: %d and a body of %d bytes, GET: %d", path, got.status, len(got.body), want.status)
			}
			if g, w := plainHeader(got.header), plainHeader(want.header); !maps.Equal(g, w) {
				t.Errorf("HEAD %s has the headers %v, GET %v", path, g, w)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d routes were asked", checked)
	}
}

// An answer is a response whose body is read.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask reads the response's body, except for a stream requested with GET, which has no end.
func ask(t *testing.T, method, url, bearer string) answer {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}

	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if method == http.MethodGet && resp.Header.Get("Content-Type") == "text/event-stream" {
		return answer{resp.StatusCode, resp.Header, ""}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// cookieValue matches the value of a cookie, which is random if it names a browser.
var cookieValue = regexp.MustCompile(`=[^;,]*`)

// plainHeader leaves out what differs from moment to moment, and the length of the body, which GET may not know in advance.
func plainHeader(h http.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		switch name {
		case "Date", "Content-Length", "Transfer-Encoding":
		case "Set-Cookie":
			out[name] = cookieValue.ReplaceAllString(strings.Join(values, ","), "=…")
		default:
			out[name] = strings.Join(values, ",")
		}
	}
	return out
}
