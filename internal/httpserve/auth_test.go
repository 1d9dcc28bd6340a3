package httpserve

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// Without a token nobody is the instructor: anybody can compute the cookie of an empty token.
func TestAnEmptyTokensCookieLetsNobodyIn(t *testing.T) {
	auth := NewAuth("")
	if w := ask(service(auth), "GET", "/", "", "Cookie", CookieName+"="+auth.cookie); w.Code != http.StatusUnauthorized {
		t.Errorf("answered %d", w.Code)
	}
}

// An address that a caller claims in a header is ignored: guesses count against the connection's own address.
func TestAForwardedAddressIsNotBelieved(t *testing.T) {
	auth := NewAuth(token)
	e := service(auth)
	for i := range 10 {
		ask(e, "GET", "/", "", "Authorization", "Bearer x", "X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i), "X-Real-IP", fmt.Sprintf("10.0.1.%d", i))
	}
	if n := len(auth.guard.clients); n != 1 {
		t.Errorf("one address counts as %d", n)
	}
}

// A budget that nobody used does not grow overnight.
func TestABudgetDoesNotGrowBeyondItsSize(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	g := NewGuard(2_000, now)
	g.check(now.Add(24*time.Hour), Party("10.0.0.1"), never)
	if g.left > g.budget {
		t.Errorf("%v guesses are left, of %v", g.left, g.budget)
	}
}

// The text of an internal error appears in the log only.
func TestAnInnerErrorIsNotTold(t *testing.T) {
	e := Engine(slog.New(slog.DiscardHandler), "")
	e.GET("/", Handle(func(*gin.Context) error { return errors.New("postgres://u:geheim@db") }))
	for _, accept := range []string{"application/json", "text/html"} {
		if w := ask(e, "GET", "/", "", "Accept", accept); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "geheim") {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
	}
}

// An address that sent a wrong code is forgiven one guess every half minute.
func TestWrongGuessesAreForgivenOneByOne(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	g, from := NewGuard(2_000, now), Party("192.168.1.7")
	for range 10 {
		g.check(now, from, never)
	}
	for after, want := range map[time.Duration]float64{0: 10, 2 * forgetOne: 8, time.Hour: 0} {
		g.clients[from] = &guesser{wrong: 10, at: now}
		if got := g.client(now.Add(after), from).wrong; got != want {
			t.Errorf("after %v it has %v wrong guesses, want %v", after, got, want)
		}
	}
}
