package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// Headers that a standby adds to a request that it passes on to the lock's holder: the client's address, by which the holder
// limits votes, and a proof that the standby knows the room's secret.
const (
	headerFor   = "Workshop-For"
	headerProof = "Workshop-For-Proof"
)

// ready returns nil while this leaderboard shows the room: from its own state, or from the View of a holder that it follows.
func (p *parts) ready() error {
	err := p.referee.Ready()
	if err != nil && p.replica.Following() {
		return nil
	}
	return err
}

// countVotes adds the number of votes to the View, for the other leaderboards.
func (p *parts) countVotes(v game.View) game.View {
	if asked := v.Public.Prediction; asked != nil && asked.Counts == nil {
		counted := *asked
		counted.Votes = p.ballot.Count()
		v.Public.Prediction = &counted
	}
	return v
}

// toHolder passes votes on to the room's holder, and redirects the instructor there. Every leaderboard answers all other
// requests.
func (p *parts) toHolder() gin.HandlerFunc {
	return httpserve.Handle(func(c *gin.Context) error {
		passedOn := p.acceptFor(c.Request)
		instructor, vote := forInstructor(c.Request.URL.Path), aboutVotes(c.Request.URL.Path)
		if !instructor && !vote {
			return nil
		}
		address, elsewhere := p.referee.Elsewhere()
		if !elsewhere {
			return nil
		}

		holder, err := url.Parse(address)
		if err != nil || address == "" || passedOn {
			return httpserve.Status(http.StatusServiceUnavailable, "%v; its --advertise-url would lead there", p.referee.Ready())
		}
		c.Abort()
		if instructor {
			c.Redirect(http.StatusTemporaryRedirect, address+c.Request.URL.RequestURI())
			return nil
		}
		p.passOn(c, holder)
		return nil
	})
}

func forInstructor(path string) bool {
	return path == "/instructor" || strings.HasPrefix(path, "/instructor/") || strings.HasPrefix(path, "/api/instructor/")
}

func aboutVotes(path string) bool {
	return path == "/predict" || path == "/api/prediction" || strings.HasPrefix(path, "/api/prediction/")
}

// acceptFor reports whether another leaderboard passed the request on. If the proof is valid, the request gets the client's
// address.
func (p *parts) acceptFor(r *http.Request) bool {
	text := r.Header.Get(headerFor)
	address, err := netip.ParseAddr(text)
	if err != nil || len(p.voterKey) == 0 || !hmac.Equal([]byte(r.Header.Get(headerProof)), []byte(p.proof(text))) {
		return text != ""
	}
	r.RemoteAddr = netip.AddrPortFrom(address, 1).String()
	return true
}

func (p *parts) proof(address string) string {
	mac := hmac.New(sha256.New, p.voterKey)
	mac.Write([]byte(headerFor + " " + address))
	return hex.EncodeToString(mac.Sum(nil))
}

// between carries requests between leaderboards. All voters share its connections.
var between = &http.Transport{
	DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
	MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: 5 * time.Second, TLSHandshakeTimeout: 5 * time.Second,
}

// passOn has the holder answer a request. It drops the headers that name the origin, which was checked here: to the holder,
// the request would look cross-site.
func (p *parts) passOn(c *gin.Context, holder *url.URL) {
	proxy := httputil.ReverseProxy{
		Transport: between,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(holder)
			r.Out.Host = holder.Host
			for _, name := range []string{"Origin", "Referer", "Sec-Fetch-Site"} {
				r.Out.Header.Del(name)
			}
			r.Out.Header.Set(headerFor, c.ClientIP())
			r.Out.Header.Set(headerProof, p.proof(c.ClientIP()))
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			c.Header("Retry-After", "1")
			httpserve.Abort(c, httpserve.Status(http.StatusServiceUnavailable, "the leaderboard that counts the votes does not answer; try again in a moment"))
		},
	}
	proxy.ServeHTTP(c.Writer, c.Request)
}
