package board

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"kafka-workshop/docs"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"rsc.io/qr"
)

// A join is the address that participants type and the same as a QR code.
type join struct {
	URL   string
	Short string // without http://
	QR    template.HTML
}

func (b *Board) join(c *gin.Context) join {
	base := strings.TrimRight(b.cfg.PublicURL, "/")
	if base == "" {
		base = "http://" + c.Request.Host
	}
	j := join{URL: base + "/join"}
	j.Short = strings.TrimPrefix(j.URL, "http://")
	if code, err := qr.Encode(j.URL, qr.M); err == nil {
		j.QR = drawQR(code)
	}
	return j
}

// drawQR draws the code dark on light in both themes, as scanners want it, with the quiet zone of
// four modules that the standard asks for.
func drawQR(code *qr.Code) template.HTML {
	var d strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&d, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	n := code.Size + 8
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR code of the join address" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`, n, n, n, n, d.String()))
}

func (b *Board) joinPage(c *gin.Context) error {
	return b.write(c, page{Title: "Join", Kind: "join"})
}

func (b *Board) lessonPage(c *gin.Context) error {
	lesson, err := workshop.LessonNamed(c.Param("lesson"))
	if err != nil {
		return httpserve.Status(http.StatusNotFound, "there is no such lesson")
	}
	text, err := guide(docs.Participant, lesson.Name)
	if err != nil {
		return err
	}
	return b.write(c, page{Title: lessonTitle(lesson.Name), Kind: "text", Text: text})
}

// guide is the participant's guide for one lesson: sections that begin with a line
// <!-- lesson: scale-up --> under their heading are for that lesson alone, the others for all.
func guide(markdown, lesson string) (template.HTML, error) {
	var keep []string
	for i, section := range strings.Split("\n"+markdown, "\n## ") {
		if i > 0 {
			section = "## " + section
		}
		before, rest, marked := strings.Cut(section, "<!-- lesson:")
		if marked {
			of, after, _ := strings.Cut(rest, "-->")
			if strings.TrimSpace(of) != lesson {
				continue
			}
			section = before + after
		}
		keep = append(keep, section)
	}
	var out strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	if err := md.Convert([]byte(strings.Join(keep, "\n")), &out); err != nil {
		return "", fmt.Errorf("read the participant's guide: %w", err)
	}
	// goldmark leaves raw HTML out, so what comes back is markup of its own alone.
	return template.HTML(out.String()), nil
}
