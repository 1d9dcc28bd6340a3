package panel

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/look"

	"github.com/gin-gonic/gin"
)

var (
	//go:embed panel.html
	pageHTML string
	//go:embed panel.css
	pageCSS string
	//go:embed panel.js
	pageJS string

	assets = httpserve.NewAssets(map[string]string{"panel.css": look.CSS + pageCSS, "panel.js": look.JS + pageJS})

	pageTemplate = template.Must(template.New("panel").Funcs(template.FuncMap{"count": count, "rate": rate, "asset": assets.Address}).Parse(pageHTML))
)

// pageView is the data of pageTemplate, as of loading.
type pageView struct {
	state
	BoardURL string
	Presets  []preset
}

// A preset is a button that sets a rate.
type preset struct {
	Rate float64
	Text string
}

var presets = []preset{{1, "1"}, {10, "10"}, {100, "100"}, {1000, "1k"}, {10_000, "10k"}, {100_000, "100k"}}

func (p *Panel) page(c *gin.Context) error {
	v := pageView{
		state:    p.currentState(true),
		BoardURL: p.boardURL(c.Request),
		Presets:  presets,
	}
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, v); err != nil {
		return err
	}

	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	return nil
}

// count formats a whole number with separators, as in 1,234,567.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// rate formats a rate with three significant digits or more.
func rate(r float64) string {
	switch {
	case r >= 100 || r == float64(int64(r)):
		return count(int64(r + 0.5))
	case r >= 10:
		return strconv.FormatFloat(r, 'f', 1, 64)
	default:
		return strconv.FormatFloat(r, 'f', 2, 64)
	}
}
