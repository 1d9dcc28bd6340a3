package kafka

import (
	"errors"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Unsupported reports whether err means that the broker does not support a request. If the library finds that out
// before it sends the request, its error is only a text.
func Unsupported(err error) bool {
	return err != nil && (errors.Is(err, kerr.UnsupportedVersion) ||
		strings.Contains(err.Error(), "broker is too old") || strings.Contains(err.Error(), "request key is unknown"))
}
