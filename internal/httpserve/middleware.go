package httpserve

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Policy is a content security policy that allows what this host serves and nothing else, not even inline scripts or
// styles.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Engine returns a gin engine with what both services need: recovery, security headers, protection against
// cross-origin requests, and errors for 404 and 405. publicURL is the address that participants type, or "".
func Engine(log *slog.Logger, publicURL string) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)

	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.UseRawPath = true          // a member ID may contain an escaped slash
	_ = e.SetTrustedProxies(nil) // nil cannot fail

	e.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, fault any) {
		log.Error("request panicked", "path", c.FullPath(), "fault", fault)
		Abort(c, Status(http.StatusInternalServerError, "something failed here: the service's log says what"))
	}), Headers(), SameOrigin(publicURL))

	ownAssets.Register(e)
	e.NoRoute(func(c *gin.Context) { Abort(c, Status(http.StatusNotFound, "there is nothing at this address")) })
	e.NoMethod(func(c *gin.Context) {
		Abort(c, Status(http.StatusMethodNotAllowed, "this address does not support the method"))
	})
	return e
}

// Headers sets the security headers.
func Headers() gin.HandlerFunc {
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would make browsers hide the origin: see SameOrigin
		c.Next()
	}
}

// Health adds /healthz, which always returns 200, and /readyz, which returns 503 and the reason while ready
// returns an error.
func Health(e gin.IRoutes, ready func() error) {
	e.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	e.GET("/readyz", func(c *gin.Context) {
		if err := ready(); err != nil {
			c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "error": err.Error()})
			return
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready"})
	})
}
