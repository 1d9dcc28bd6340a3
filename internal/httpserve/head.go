package httpserve

import (
	"context"
	"errors"
	"net/http"
)

// ServeHEAD lets every GET route answer HEAD, which load balancers and uptime monitors send, with the same status and
// headers. The handler sees a GET, and net/http, which knows the real method, sends no body.
func ServeHEAD(h http.Handler) http.Handler {
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

// isHead reports whether a request's method was HEAD.
func isHead(r *http.Request) bool { return r.Context().Value(headKey{}) != nil }
