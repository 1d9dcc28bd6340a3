package httpserve

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// Assets are the style sheets and scripts of pages. The address of each contains a hash of its content, so that
// browsers can cache it forever and never mix two builds.
type Assets struct {
	files     map[string]string // content by name
	addresses map[string]string // by name
}

// NewAssets returns Assets of files, given as content by name.
func NewAssets(files map[string]string) *Assets {
	a := &Assets{files: files, addresses: map[string]string{}}
	for name, content := range files {
		sum := sha256.Sum256([]byte(content))
		ext := path.Ext(name)
		a.addresses[name] = "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	}
	return a
}

// contentTypes are the types by extension. The system's table, which mime uses, can be wrong, and nosniff
// keeps browsers from guessing.
var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

// Register serves the files.
func (a *Assets) Register(routes gin.IRoutes) {
	for name, content := range a.files {
		contentType := contentTypes[path.Ext(name)]
		routes.GET(a.addresses[name], func(c *gin.Context) {
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
			c.Data(http.StatusOK, contentType, []byte(content))
		})
	}
}

// Address returns the address of a file. Templates call it.
func (a *Assets) Address(name string) (string, error) {
	address, ok := a.addresses[name]
	if !ok {
		return "", fmt.Errorf("no asset is named %s", name)
	}
	return address, nil
}

// Version returns a hash of all files.
func (a *Assets) Version() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.addresses)) {
		sum.Write([]byte(a.addresses[name]))
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
