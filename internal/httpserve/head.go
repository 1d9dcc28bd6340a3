package httpserve

import (
	"context"
	"errors"
	"net/http"
)

// Heads lets every GET route answer HEAD, which balancers and uptime monitors send, with the same status and headers:
// the handler sees a GET, and net/http, which knows better, sends no body.
func Heads(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(context.WithValue(r.Context(), headKey{}, true))
			r.Method = http.MethodGet
		}
		h.ServeHTTP(w, r)
	})
}

type headKey struct{}

var errHead = errors.New("a HEAD request has no event stream")

// isHead reports a request that was HEAD.
func isHead(r *http.Request) bool { return r.Context().Value(headKey{}) != nil }
