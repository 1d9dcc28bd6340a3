package httpserve

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = workshop.Secret("a-token-of-the-tests")

// service is a small one with what both services use.
func service(auth *Auth) *gin.Engine {
	auth.guard.delay.Pause = time.Millisecond
	e := Engine(slog.New(slog.DiscardHandler), "http://workshop.test")
	Health(e, func() error { return Status(http.StatusServiceUnavailable, "standing by") })
	Login(e, auth, "Tests")
	own := e.Group("/", auth.Require())
	own.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "in") })
	own.PUT("/api/thing", Handle(func(c *gin.Context) error {
		var in struct {
			Rate *float64 `json:"rate"`
			Name *string  `json:"name"`
		}
		if err := JSON(c, &in); err != nil {
			return err
		}
		c.JSON(http.StatusOK, in)
		return nil
	}))
	own.GET("/panics", func(*gin.Context) { panic("oh") })
	return e
}

func ask(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://workshop.test"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const bearer = "Bearer " + string(token)

func TestOnlyTheInstructorPasses(t *testing.T) {
	a := NewAuth(token)
	e := service(a)
	form := func(tok, next string) string { return url.Values{"token": {tok}, "next": {next}}.Encode() }
	login := ask(e, "POST", "/login", form(string(token), "/instructor?x=1"), "Content-Type", "application/x-www-form-urlencoded")
	if login.Code != http.StatusSeeOther || login.Header().Get("Location") != "/instructor?x=1" {
		t.Fatalf("login: %d to %s", login.Code, login.Header().Get("Location"))
	}
	c := login.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, string(token)) {
		t.Errorf("cookie %+v", c)
	}
	cookie := c.Name + "=" + c.Value
	for _, tt := range []struct {
		what   string
		header []string
		want   int
	}{
		{"nobody", nil, 401},
		{"bearer", []string{"Authorization", bearer}, 200},
		{"wrong bearer", []string{"Authorization", "Bearer " + string(token) + "x"}, 401},
		{"token as cookie", []string{"Cookie", CookieName + "=" + string(token)}, 401},
		{"cookie", []string{"Cookie", cookie}, 200},
		{"wrong bearer beside the cookie", []string{"Cookie", cookie, "Authorization", "Bearer x"}, 401},
		{"browser", []string{"Accept", "text/html"}, 303},
	} {
		w := ask(e, "GET", "/", "", tt.header...)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.what, w.Code, tt.want)
		}
	}
	if w := ask(service(NewAuth("another-token-of-tests")), "GET", "/", "", "Cookie", cookie); w.Code != 401 {
		t.Errorf("a cookie under another token: %d", w.Code)
	}
	if w := ask(service(NewAuth(token)), "GET", "/", "", "Cookie", cookie); w.Code != 200 {
		t.Errorf("the cookie at the other service: %d", w.Code)
	}
	if w := ask(service(NewAuth("")), "GET", "/", "", "Authorization", "Bearer "); w.Code != 401 {
		t.Errorf("an empty token lets in: %d", w.Code)
	}
}

func TestLoginPage(t *testing.T) {
	e := service(NewAuth(token))
	page := ask(e, "GET", "/login?next=/x", "")
	if page.Code != 200 || !strings.Contains(page.Body.String(), `value="/x"`) || page.Header().Get("Content-Security-Policy") != Policy {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	for _, part := range strings.Split(page.Body.String(), `"`) {
		if strings.HasPrefix(part, "/assets/") {
			if w := ask(e, "GET", part, ""); w.Code != 200 || w.Body.Len() < 50 {
				t.Errorf("%s: %d", part, w.Code)
			}
		}
	}
	wrong := ask(e, "POST", "/login", "token=guess&next=//evil.test", "Content-Type", "application/x-www-form-urlencoded")
	if wrong.Code != 401 || !strings.Contains(wrong.Body.String(), "not the token") || strings.Contains(wrong.Body.String(), "guess") ||
		len(wrong.Result().Cookies()) != 0 {
		t.Errorf("wrong guess: %d %s", wrong.Code, wrong.Body)
	}
	if out := ask(e, "POST", "/logout", ""); out.Code != 303 || out.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("logout: %d", out.Code)
	}
	if w := ask(service(NewAuth("")), "GET", "/login", ""); !strings.Contains(w.Body.String(), "INSTRUCTOR_TOKEN") {
		t.Errorf("without a token: %s", w.Body)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	e := service(NewAuth(token))
	for _, tt := range []struct {
		host   string
		header []string
		want   int
	}{
		{"workshop.test", nil, 200},
		{"workshop.test", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"workshop.test", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"workshop.test", []string{"Sec-Fetch-Site", "same-site"}, 403}, // another port of this host is another page
		{"workshop.test", []string{"Origin", "http://evil.test"}, 403},
		{"workshop.test", []string{"Origin", "http://workshop.test"}, 200},
		{"workshop.test", []string{"Origin", "http://workshop.test:81"}, 403},
		{"workshop.test", []string{"Origin", "null"}, 403}, // a sandboxed frame, or a page that hides where it comes from

		// Plain http on a private address: no Sec-Fetch-Site, only the origin.
		{"192.168.1.5:8080", []string{"Origin", "http://192.168.1.5:8080"}, 200},
		{"192.168.1.5:8080", []string{"Origin", "http://192.168.1.5:8081"}, 403},
		{"[fd00::5]:8080", []string{"Origin", "http://[fd00::5]:8080"}, 200},
		{"laptop:8080", []string{"Origin", "http://laptop:8080"}, 200},
		{"laptop.local:8080", []string{"Origin", "http://laptop.local:8080"}, 200},

		// A proxy that sends its own Host; the origin is the public address.
		{"10.0.0.7:8080", []string{"Origin", "http://workshop.test"}, 200},

		// A name that an attacker has pointed at us: origin and host agree.
		{"evil.example", []string{"Origin", "http://evil.example"}, 403},
		{"evil.example:8080", []string{"Origin", "http://evil.example:8080"}, 403},
		{"evil.example", []string{"Sec-Fetch-Site", "same-origin"}, 403},
		{"192.168.1.5.evil.example", []string{"Origin", "http://192.168.1.5.evil.example"}, 403},
		{"evil.example", nil, 200}, // no browser
	} {
		r := httptest.NewRequest("PUT", "http://"+tt.host+"/api/thing", strings.NewReader(`{"rate":1}`))
		r.Header.Set("Authorization", bearer)
		for i := 0; i < len(tt.header); i += 2 {
			r.Header.Set(tt.header[i], tt.header[i+1])
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s %v: %d, want %d", tt.host, tt.header, w.Code, tt.want)
		}
	}
}

func TestStrictJSON(t *testing.T) {
	e := service(NewAuth(token))
	for _, tt := range []struct{ body, says string }{
		{`{"rate":1.5,"name":"x"}`, ""},
		{`{}`, ""},
		{``, "empty"},
		{`{"rate":`, "empty or cut off"},
		{`{"rate":"x"}`, "rate: "},
		{`{"rate":NaN}`, "rate: "},
		{`{"name":"x","rate":+1}`, "rate: "},
		{`{"rate":1e999}`, "rate: "},
		{`{"rate":null}`, "rate: must not be null"},
		{`{"odd":1}`, `"odd"`},
		{`{"rate":1}{"rate":2}`, "more than one"},
		{`{"rate":1} x`, "more than one"},
		{`{"rate":1}]`, "more than one"},
		{`[]`, "not one JSON object"},
		{`null`, "not one JSON object"},
		{`"x"`, "not one JSON object"},
		{`{"name":"` + strings.Repeat("x", MaxBody) + `"}`, "larger than 65536"},
	} {
		w := ask(e, "PUT", "/api/thing", tt.body, "Authorization", bearer)
		var out struct{ Error string }
		_ = json.Unmarshal(w.Body.Bytes(), &out)
		if tt.says == "" && w.Code != 200 || tt.says != "" && (w.Code != 400 || !strings.Contains(out.Error, tt.says)) {
			t.Errorf("%.40s: %d %s", tt.body, w.Code, w.Body)
		}
	}
}

func TestErrorsAreJSON(t *testing.T) {
	e := service(NewAuth(token))
	for _, tt := range []struct {
		method, path string
		want         int
	}{{"GET", "/nothing", 404}, {"DELETE", "/api/thing", 405}, {"GET", "/panics", 500}, {"GET", "/readyz", 503}, {"GET", "/healthz", 200}} {
		w := ask(e, tt.method, tt.path, "", "Authorization", bearer)
		if w.Code != tt.want || !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), "oh") {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, w.Code, w.Body)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", tt.path, w.Header())
		}
	}
}

// A person who typed an address sees a page, not JSON.
func TestErrorsAreAPageForABrowser(t *testing.T) {
	e := service(NewAuth(token))
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tt := range []struct {
		method, path string
		want         int
		says         string
	}{
		{"GET", "/nothing", 404, "There is nothing at this address."}, {"DELETE", "/api/thing", 405, "does not support the method"},
		{"GET", "/panics", 500, "service&#39;s log"}, {"POST", "/api/thing", 405, "does not support the method"},
	} {
		w := ask(e, tt.method, tt.path, "", "Authorization", bearer, "Accept", browser)
		if w.Code != tt.want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, w.Code, w.Body)
		}
		for _, part := range strings.Split(w.Body.String(), `"`) {
			if strings.HasPrefix(part, "/assets/") {
				if w := ask(e, "GET", part, ""); w.Code != 200 {
					t.Errorf("%s: %d", part, w.Code)
				}
			}
		}
	}
	refused := ask(e, "PUT", "/api/thing", "{}", "Authorization", bearer, "Accept", browser, "Sec-Fetch-Site", "cross-site")
	if refused.Code != 403 || !strings.Contains(refused.Body.String(), "<h1>Not allowed from here</h1>") {
		t.Errorf("from another site: %d %s", refused.Code, refused.Body)
	}
	locked := ask(e, "PUT", "/api/thing", "{}", "Accept", browser)
	if locked.Code != 401 || !strings.Contains(locked.Body.String(), "<h1>Log in first</h1>") {
		t.Errorf("without a login: %d %s", locked.Code, locked.Body)
	}
}

func TestWrongGuessesStandInOneQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, began := NewDelay(), time.Now()
		done := make(chan time.Duration, 10)
		for range 10 {
			go func() { g.Wait(t.Context()); done <- time.Since(began) }()
		}
		var last time.Duration
		for range 10 {
			last = <-done
		}
		if last < time.Second {
			t.Errorf("ten guesses took %v, want a second", last)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		g.Wait(gone)
	})
}

func TestConfigNamesTheFlag(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		addr string
		says string
	}{
		{Config{}, "127.0.0.1:8080", ""}, {Config{}, "localhost:0", ""}, {Config{}, "[::1]:1", ""},
		{Config{}, ":8080", "INSTRUCTOR_TOKEN"}, {Config{InstructorToken: "short"}, "127.0.0.1:1", "--instructor-token"},
		{Config{InstructorToken: token}, "0.0.0.0:1", ""},
		{Config{PublicURL: "192.168.1.5:8080"}, "127.0.0.1:1", "--public-url"},
		{Config{PublicURL: "http://u:p@host/"}, "127.0.0.1:1", "--public-url"},
		{Config{PublicURL: "http://192.168.1.5:8080/"}, "127.0.0.1:1", ""},
		{Config{PublicURL: "https://example.org/workshop"}, "127.0.0.1:1", "path /workshop"},
		{Config{PublicURL: "https://example.org/workshop/"}, "127.0.0.1:1", "path /workshop/"},
	} {
		err := tt.cfg.Validate(tt.addr)
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%+v on %s: %v", tt.cfg, tt.addr, err)
		}
	}
}
