package board

import (
	"context"
	"net/http"
	"net/http/httptest"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// streamsEnd lets requests end with ctx, as httpserve.Serve does.
func streamsEnd(ctx context.Context, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mine, cancel := context.WithCancel(r.Context())
		defer cancel()
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
		h.ServeHTTP(w, r.WithContext(mine))
	})
}

// instructorCookie is what a login sets.
func instructorCookie(a *httpserve.Auth) *http.Cookie {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
	a.SetCookie(c)
	return w.Result().Cookies()[0]
}
