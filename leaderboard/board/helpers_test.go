package board

import (
	"net/http"
	"net/http/httptest"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// instructorCookie returns the cookie that a login sets.
func instructorCookie(a *httpserve.Auth) *http.Cookie {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
	a.SetCookie(c)
	return w.Result().Cookies()[0]
}
