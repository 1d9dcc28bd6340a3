package httpserve

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
)

// CookieName is the cookie that a login sets. Its value is an HMAC under the token, and browsers
// send a host's cookies to all its ports: one login serves both services.
const CookieName = "instructor"

// Auth knows the instructor. An empty token lets nobody in.
type Auth struct {
	token  string
	cookie string
	guard  *Guard // of the token; the cookie has 256 bits and needs none
}

// tokenGuesses is how many wrong tokens an hour are looked at, at most, by two services together.
const tokenGuesses = 36_000

// NewAuth makes an Auth for one token.
func NewAuth(token workshop.Secret) *Auth {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("kafka-workshop instructor login"))
	return &Auth{token: string(token), cookie: hex.EncodeToString(mac.Sum(nil)), guard: NewGuard(tokenGuesses, time.Now())}
}

// LoggedIn reports whether the request carries the login's cookie.
func (a *Auth) LoggedIn(r *http.Request) bool {
	c, err := r.Cookie(CookieName)
	return a.token != "" && err == nil && same(c.Value, a.cookie)
}

// Right reports whether text is the token. Its error is the 429 of who guessed too much; a wrong token
// takes its turn.
func (a *Auth) Right(c *gin.Context, text string) (bool, error) {
	return a.guard.Try(c, time.Now(), func() bool { return a.token != "" && same(text, a.token) })
}

// same compares in constant time, also for texts of other lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Require lets only the instructor pass, with the token as a bearer or the login's cookie: others get 401, a
// browser that asks for a page is sent to /login.
func (a *Auth) Require() gin.HandlerFunc {
	return func(c *gin.Context) {
		ok, err := a.is(c)
		if err != nil {
			Abort(c, err)
			return
		}
		if ok {
			c.Next()
			return
		}

		if !changes(c.Request) && wantsPage(c.Request) {
			c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request.URL.RequestURI()))
			c.Abort()
			return
		}
		Abort(c, Unauthorized())
	}
}

func (a *Auth) is(c *gin.Context) (bool, error) {
	if bearer, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok {
		return a.Right(c, bearer)
	}
	return a.LoggedIn(c.Request), nil
}

// SetCookie logs the browser in for twelve hours.
func (a *Auth) SetCookie(c *gin.Context) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: CookieName, Value: a.cookie, Path: "/", MaxAge: 12 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.Request.TLS != nil,
	})
}

// ClearCookie logs the browser out.
func (a *Auth) ClearCookie(c *gin.Context) {
	http.SetCookie(c.Writer, &http.Cookie{Name: CookieName, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// Next is where a login goes on to: a path on this host, or "/". Browsers read an address otherwise than Go does:
// they drop tabs and line ends wherever those stand and take \ for /, so that /<tab>/host is another host's. Our own
// pages send escaped ASCII, and nothing else is taken.
func Next(text string) string {
	plain := func(r rune) bool { return r > ' ' && r < 0x7f && r != '\\' }
	foreign := strings.ContainsFunc(text, func(r rune) bool { return !plain(r) })
	if foreign || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return "/"
	}
	return text
}
