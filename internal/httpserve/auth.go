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

// CookieName is the name of the login cookie. Its value is an HMAC under the token, and browsers send a
// host's cookies to all its ports, so one login is valid for both services.
const CookieName = "instructor"

// Auth authenticates the instructor. With an empty token, nobody can log in.
type Auth struct {
	token  string
	cookie string
	guard  *Guard // limits guesses of the token; the cookie has 256 bits and needs none
}

// tokenGuesses is how many wrong tokens an hour two services together check at most.
const tokenGuesses = 36_000

// NewAuth returns an Auth for a token.
func NewAuth(token workshop.Secret) *Auth {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("kafka-workshop instructor login"))
	return &Auth{token: string(token), cookie: hex.EncodeToString(mac.Sum(nil)), guard: NewGuard(tokenGuesses, time.Now())}
}

// LoggedIn reports whether the request has a valid login cookie.
func (a *Auth) LoggedIn(r *http.Request) bool {
	c, err := r.Cookie(CookieName)
	return a.token != "" && err == nil && equal(c.Value, a.cookie)
}

// CheckToken reports whether text is the token. It delays answers about wrong tokens. Its error is a 429, for
// callers that guess too much.
func (a *Auth) CheckToken(c *gin.Context, text string) (bool, error) {
	return a.guard.Try(c, time.Now(), func() bool { return a.token != "" && equal(text, a.token) })
}

// equal compares in constant time, even texts of different lengths.
func equal(a, b string) bool {
	x := sha256.Sum256([]byte(a))
	y := sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Require returns middleware that lets only the instructor pass, with the token as a bearer or with the login
// cookie. Browsers that request a page are redirected to /login, and others get a 401.
func (a *Auth) Require() gin.HandlerFunc {
	return func(c *gin.Context) {
		ok, err := a.authenticate(c)
		if err != nil {
			Abort(c, err)
			return
		}

		if ok {
			c.Next()
			return
		}

		if !mayChange(c.Request) && wantsPage(c.Request) {
			c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request.URL.RequestURI()))
			c.Abort()
			return
		}

		Abort(c, Unauthorized())
	}
}

func (a *Auth) authenticate(c *gin.Context) (bool, error) {
	if bearer, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok {
		return a.CheckToken(c, bearer)
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

// LocalPath returns text if it is a path on this host, to which a login may redirect, or else "/". Browsers parse
// addresses differently from Go: they drop tabs and line ends anywhere and read \ as /, so /<tab>/host is on another
// host. Our own pages send escaped ASCII, so nothing else is accepted.
func LocalPath(text string) string {
	suspicious := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }
	if strings.ContainsFunc(text, suspicious) || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return "/"
	}
	return text
}
