package httpserve

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// hostOf returns the host that a browser goes to from a page of "here", parsed by the URL standard: controls and
// spaces around the address and tabs and line ends anywhere in it are dropped, and a \\ counts as a /.
func hostOf(address string) string {
	address = strings.TrimFunc(address, func(r rune) bool { return r <= ' ' })
	address = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(address)

	scheme, rest, ok := strings.Cut(address, ":")
	if ok && scheme != "" && !strings.ContainsAny(scheme, "/?#") {
		return scheme + ":" + rest
	}
	if !strings.HasPrefix(address, "//") {
		return "here"
	}
	host, _, _ := strings.Cut(strings.TrimLeft(address, "/"), "/")
	return host
}

func TestLocalPathStaysHere(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/a?b=c": "/a?b=c", "/instructor?x=%2f%2fhost": "/instructor?x=%2f%2fhost", "/%09/host": "/%09/host",
		"": "/", "//evil": "/", "///evil": "/", "http://evil": "/", "javascript:alert(1)": "/", "a": "/", "?x": "/",
		`/\evil`: "/", `\\evil`: "/", `\/evil`: "/", `/a\..\\evil`: "/",
		"/\t/evil": "/", "/\n/evil": "/", "/\r/evil": "/", "\t//evil": "/", " //evil": "/", "/ /evil": "/",
		"/a\r\nSet-Cookie: x": "/", "/\x00/evil": "/", "/\u2028/evil": "/", "/é": "/", "/\x7f/evil": "/",
	} {
		if got := LocalPath(in); got != want {
			t.Errorf("%q goes to %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPathStaysHere(f *testing.F) {
	for _, seed := range []string{"/a?b=c", "/\t/evil", `/\evil`, "//evil", "/./" + "/evil", "/../" + "/evil", "http:evil", "/\t\n\r/evil", "/%09/evil"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		next := LocalPath(text)
		if host := hostOf(next); host != "here" {
			t.Errorf("%q goes to %q: a browser reads the host %q", text, next, host)
		}

		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest(http.MethodPost, "/login", http.NoBody), next, http.StatusSeeOther)
		if at := w.Header().Get("Location"); hostOf(at) != "here" {
			t.Errorf("%q redirects to %q: a browser reads the host %q", text, at, hostOf(at))
		}
	})
}

func TestHangingUpDoesNotGuessFaster(t *testing.T) {
	for _, way := range []struct {
		name string
		ask  func(h http.Handler, guess string) *httptest.ResponseRecorder
		told int // the status of a correct token otherwise
	}{
		{"login", func(h http.Handler, guess string) *httptest.ResponseRecorder {
			return ask(h, "POST", "/login", url.Values{"token": {guess}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		}, http.StatusSeeOther},
		{"bearer", func(h http.Handler, guess string) *httptest.ResponseRecorder {
			return ask(h, "GET", "/", "", "Authorization", "Bearer "+guess)
		}, http.StatusOK},
	} {
		t.Run(way.name, func(t *testing.T) {
			auth := NewAuth(token)
			e := service(auth)
			auth.guard.delay.Pause = 0 // nobody waits for an answer

			// Half of the budget of an hour, at once.
			budget := int(tokenGuesses * 0.05)
			for range budget {
				way.ask(e, "a-wrong-guess")
			}

			if w := way.ask(e, string(token)); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
				t.Errorf("after %d wrong guesses the right one is looked at: %d", budget, w.Code)
			}
		})
	}

	t.Run("the login page tells nothing of a bearer", func(t *testing.T) {
		e := service(NewAuth(token))
		wrong, right := ask(e, "GET", "/login", "", "Authorization", "Bearer x"), ask(e, "GET", "/login", "", "Authorization", bearer)
		if wrong.Code != right.Code || wrong.Body.String() != right.Body.String() {
			t.Errorf("wrong: %d, right: %d", wrong.Code, right.Code)
		}
	})
}
