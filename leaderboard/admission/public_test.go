package admission

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// The settings that anyone may see include the team's group and topics, but no password.
func TestThePublicSettingsHoldNoPassword(t *testing.T) {
	d := admissions(t, func(c *Config) { c.Kafka.Username, c.Kafka.Password = "leaderboard", "its own" })
	for team := 1; team <= 15; team++ {
		if j := d.Public(team, "http://x"); j.Password != "" || j.Group == "" || j.Username == "" {
			t.Errorf("team %d: %+v", team, j)
		}
	}
	for _, team := range []int{0, -1, 16} {
		if j := d.Public(team, "http://x"); j.Password != "" || j.Username != "" || j.Group != "" {
			t.Errorf("no team %d: %+v", team, j)
		}
	}
}

// A team's name stays on its line of the handouts.
func TestANameCannotWriteIntoTheHandouts(t *testing.T) {
	d := admissions(t, func(c *Config) { c.Name = func(int) string { return "x\n  password  none\u202e" } })
	var text strings.Builder
	if err := d.Handouts("").Text(&text); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "\n  password") || strings.Contains(text.String(), "\u202e") {
		t.Errorf("%.200q", text.String())
	}
}

// Whichever page opens a code, the response must not be stored.
func TestAnOpenedCodeIsKeptNowhere(t *testing.T) {
	d := admissions(t, nil)
	e := httpserve.Engine(slog.New(slog.DiscardHandler), "")
	e.GET("/j/:code", httpserve.Handle(func(c *gin.Context) error {
		_, err := d.Open(c, c.Param("code"))
		return err
	}))
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/j/"+d.Code(1), http.NoBody))
	if got := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || got != "no-store" {
		t.Errorf("%d, Cache-Control %q", w.Code, got)
	}
}
