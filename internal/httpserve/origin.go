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

// SameOrigin returns middleware that rejects requests that may change something if a page of another site sent
// them, or if the browser uses a host name that may be an attacker's. Requests from other programs pass.
//
// Browsers send Sec-Fetch-Site only to https and loopback addresses. In a room they use plain http and a private
// address, so the Origin header decides. That is why Headers sets the referrer policy same-origin: with
// no-referrer, browsers send "Origin: null" even from our own pages.
//
// If an attacker's name was rebound to our address (DNS rebinding), Origin and Host are equal. So the host has to be
// a name that nobody outside of the room can own.
// publicURL, the address that participants type, is trusted as an origin even if a proxy forwards requests
// with another Host.
func SameOrigin(publicURL string) gin.HandlerFunc {
	protect := http.NewCrossOriginProtection()
	public, _ := url.Parse(publicURL) // checked by Validate
	if public != nil && public.Host != "" {
		_ = protect.AddTrustedOrigin(public.Scheme + "://" + public.Host) // cannot fail for this form
	}

	own := ownNames()
	if public != nil {
		own = append(own, strings.ToLower(public.Hostname()))
	}

	return func(c *gin.Context) {
		if err := protect.Check(c.Request); err != nil {
			Abort(c, Status(http.StatusForbidden, "this request comes from another site's page: use the workshop's own pages"))
			return
		}

		if mayChange(c.Request) && fromBrowser(c.Request) && !isRoomName(c.Request.Host, own) {
			Abort(c, Status(http.StatusForbidden, "this page was opened under a host name that may not be ours: "+
				"open it by its IP address, or start the service with --public-url set to the address that you typed"))
			return
		}

		c.Next()
	}
}

// mayChange reports whether a request's method may change something.
func mayChange(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// fromBrowser reports whether a request has a header that only browsers add.
func fromBrowser(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// ownNames returns this machine's host name.
func ownNames() []string {
	name, err := os.Hostname()
	if err != nil {
		return nil
	}
	return []string{strings.ToLower(name)}
}

// roomSuffixes are suffixes that no public name server resolves: mDNS (RFC 6762), home networks (RFC 8375),
// private networks (ICANN's .internal), and those that routers of homes and schools use.
var roomSuffixes = []string{".local", ".home.arpa", ".internal", ".lan", ".localhost"}

// isRoomName reports whether nobody outside of the room can make a Host header resolve to us: it is an IP address, a
// name without a dot, has a local suffix, or is one of own.
func isRoomName(hostport string, own []string) bool {
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
