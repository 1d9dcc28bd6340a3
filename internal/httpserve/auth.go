package httpserve

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

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
	Guess  *Guesses
}

// NewAuth makes an Auth for one token.
func NewAuth(token workshop.Secret) *Auth {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("kafka-workshop instructor login"))
	return &Auth{token: string(token), cookie: hex.EncodeToString(mac.Sum(nil)), Guess: NewGuesses()}
}

// Is reports whether the request carries the token as a bearer or the login's cookie.
func (a *Auth) Is(r *http.Request) bool {
	if a.token == "" {
		return false
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return a.Right(bearer)
	}
	c, err := r.Cookie(CookieName)
	return err == nil && same(c.Value, a.cookie)
}

// Right reports whether text is the token.
func (a *Auth) Right(text string) bool { return a.token != "" && same(text, a.token) }

// same compares in constant time, also for texts of other lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Require lets only the instructor pass: others get 401, a browser that asks for a page is sent to
// /login.
func (a *Auth) Require() gin.HandlerFunc {
	return func(c *gin.Context) {
		if !a.Is(c.Request) {
			if c.Request.Method == http.MethodGet && strings.Contains(c.GetHeader("Accept"), "text/html") {
				c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request.URL.RequestURI()))
				c.Abort()
				return
			}
			if c.GetHeader("Authorization") != "" {
				a.Guess.Wrong(c.Request.Context())
			}
			Abort(c, Unauthorized())
			return
		}
		c.Next()
	}
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

// Next is where a login goes on to: a path on this host, or "/".
func Next(text string) string {
	if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n") {
		return "/"
	}
	return text
}
