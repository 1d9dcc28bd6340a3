package httpserve

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// SameOrigin refuses requests that change something when a page of another site sent them, and when
// a browser reached us by a name that may be an attacker's. It passes what no browser sends.
//
// Browsers send Sec-Fetch-Site only to https and loopback addresses. In a room they come over plain http
// to a private address, so the Origin header decides there. That is why Headers sets the referrer policy
// same-origin: with no-referrer, browsers send "Origin: null" from our own pages too.
//
// Comparing Origin and Host says nothing when both are an attacker's name that was rebound to our address
// (DNS rebinding), so the name has to be one that nobody outside of the room can own.
// The address that participants type, publicURL, is trusted as an origin, also when a proxy hands
// requests on with another Host.
func SameOrigin(publicURL string) gin.HandlerFunc {
	protect := http.NewCrossOriginProtection()
	public, _ := url.Parse(publicURL) // Validate has seen it
	if public != nil && public.Host != "" {
		_ = protect.AddTrustedOrigin(public.Scheme + "://" + public.Host) // of that form
	}

	own := ownNames()
	if public != nil {
		own = append(own, strings.ToLower(public.Hostname()))
	}

	return func(c *gin.Context) {
		if err := protect.Check(c.Request); err != nil {
			Abort(c, Status(http.StatusForbidden, "this request comes from another site's page: use the workshop's own"))
			return
		}

		if changes(c.Request) && fromBrowser(c.Request) && !roomName(c.Request.Host, own) {
			Abort(c, Status(http.StatusForbidden, "this page was opened under a name that may not be ours: "+
				"open it by its IP address, or start the service with --public-url set to the address that you typed"))
			return
		}

		c.Next()
	}
}

// changes reports a method that may change something.
func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// fromBrowser reports a request that carries what only browsers add.
func fromBrowser(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// ownNames are this machine's.
func ownNames() []string {
	name, err := os.Hostname()
	if err != nil {
		return nil
	}
	return []string{strings.ToLower(name)}
}

// roomSuffixes end names that no public name server can answer for: mDNS (RFC 6762), home networks (RFC 8375),
// private networks (ICANN's .internal), and what routers of homes and schools use.
var roomSuffixes = []string{".local", ".home.arpa", ".internal", ".lan", ".localhost"}

// roomName reports a Host header that nobody outside of the room can point at us: an IP address, a name
// without a dot, a local suffix, or one of own.
func roomName(hostport string, own []string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))

	if net.ParseIP(host) != nil || !strings.Contains(host, ".") || slices.Contains(own, host) {
		return true
	}
	return slices.ContainsFunc(roomSuffixes, func(suffix string) bool { return strings.HasSuffix(host, suffix) })
}
