package httpserve

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

// Asset serves an embedded file and returns the address that pages name it by. The address changes
// with the content, so that browsers may keep what they have.
func Asset(routes gin.IRoutes, name, contentType, body string) string {
	url := assetAddress(name, body)
	routes.GET(url, func(c *gin.Context) {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
		c.Data(http.StatusOK, contentType, []byte(body))
	})
	return url
}

func assetAddress(name, body string) string {
	sum := sha256.Sum256([]byte(body))
	ext := path.Ext(name)
	return "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

// Types of what Asset serves.
const (
	TypeCSS = "text/css; charset=utf-8"
	TypeJS  = "text/javascript; charset=utf-8"
)
