package board

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	voterCookie = "workshop_voter"
	voterFor    = 30 * 24 * time.Hour
)

// A voter is a browser that votes. Its ID is random and signed, and reveals nothing about a person.
type voter struct {
	id   string
	team int // the team that its votes count for; 0 for a guest
}

func newVoter(team int) voter { return voter{rand.Text(), team} }

// voterOf reads the voter from a request's cookie; ok is false without a cookie that we have signed.
func (b *Board) voterOf(r *http.Request) (v voter, ok bool) {
	cookie, err := r.Cookie(voterCookie)
	if err != nil {
		return voter{}, false
	}
	text, sum, found := cutLast(cookie.Value, ".")
	if !found || !hmac.Equal([]byte(sum), []byte(b.signVoter(text))) {
		return voter{}, false
	}

	id, number, _ := strings.Cut(text, ".")
	team, err := strconv.Atoi(number)
	return voter{id, team}, err == nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// setVoter sends the voter's cookie.
func (b *Board) setVoter(c *gin.Context, v voter) {
	text := fmt.Sprintf("%s.%d", v.id, v.team)
	http.SetCookie(c.Writer, &http.Cookie{
		Name: voterCookie, Value: text + "." + b.signVoter(text), Path: "/", MaxAge: int(voterFor.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(b.cfg.PublicURL, "https:"),
	})
}

// joinVoter makes the browser's votes count for the team whose code it has.
func (b *Board) joinVoter(c *gin.Context, team int) {
	v, ok := b.voterOf(c.Request)
	if !ok {
		v = newVoter(team)
	}
	v.team = team
	b.setVoter(c, v)
}

func (b *Board) signVoter(text string) string {
	mac := hmac.New(sha256.New, b.cfg.VoterKey)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
