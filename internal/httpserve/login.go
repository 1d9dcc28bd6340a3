package httpserve

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"kafka-workshop/internal/look"

	"github.com/gin-gonic/gin"
)

var (
	//go:embed login.html
	loginHTML string
	//go:embed login.css
	loginCSS string
	//go:embed login.js
	loginJS string

	// ownAssets are loaded by this package's pages and served by Engine.
	ownAssets = NewAssets(map[string]string{"login.css": look.CSS + loginCSS, "login.js": loginJS})

	loginPage = template.Must(template.New("login").Funcs(template.FuncMap{"asset": ownAssets.Address}).Parse(loginHTML))
)

// loginView is the data of the login page.
type loginView struct {
	Title string
	Next  string
	Error string
	Unset bool // no token is set, so nobody can log in
}

// Login adds GET and POST /login and POST /logout. The title names the service. /login#TOKEN is a link that logs
// in: browsers do not send the fragment, so the token is in no log.
func Login(routes gin.IRoutes, a *Auth, title string) {
	show := func(c *gin.Context, code int, next, fault string) {
		var page bytes.Buffer
		v := loginView{Title: title, Next: next, Error: fault, Unset: a.token == ""}
		if err := loginPage.Execute(&page, v); err != nil {
			Abort(c, err)
			return
		}

		c.Header("Cache-Control", "no-store")
		c.Data(code, "text/html; charset=utf-8", page.Bytes())
	}
	routes.GET("/login", func(c *gin.Context) {
		next := LocalPath(c.Query("next"))
		if a.LoggedIn(c.Request) {
			// A browser keeps the link's #TOKEN across a redirect without a fragment.
			c.Redirect(http.StatusSeeOther, next+"#")
			return
		}
		show(c, http.StatusOK, next, "")
	})
	routes.POST("/login", func(c *gin.Context) {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody)
		next := LocalPath(c.PostForm("next"))
		ok, err := a.CheckToken(c, c.PostForm("token"))
		if err != nil {
			show(c, http.StatusTooManyRequests, next, "Too many wrong tokens from this address: wait a minute.")
			return
		}

		if !ok {
			show(c, http.StatusUnauthorized, next, "That is not the token.")
			return
		}

		a.SetCookie(c)
		c.Redirect(http.StatusSeeOther, next)
	})
	routes.POST("/logout", func(c *gin.Context) {
		a.ClearCookie(c)
		c.Redirect(http.StatusSeeOther, "/login")
	})
}
