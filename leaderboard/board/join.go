package board

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"kafka-workshop/docs"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"

	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// A join is the address that participants type and the same as a QR code.
type join struct {
	URL   string
	Short string // without http://
	QR    template.HTML
	Lines []admission.Line // what to paste on a laptop
}

func (b *Board) join(c *gin.Context) join {
	base := b.base(c)
	j := join{URL: base + "/join", Lines: admission.Lines(base, "")}
	j.Short = strings.TrimPrefix(j.URL, "http://")
	j.QR, _ = admission.QR(j.URL, "QR code of the join address") // too long an address has none
	return j
}

// base is the address that participants type.
func (b *Board) base(c *gin.Context) string {
	if b.cfg.PublicURL != "" {
		return strings.TrimRight(b.cfg.PublicURL, "/")
	}
	return "http://" + c.Request.Host
}

// A joined is what the holder of a team's code sees.
type joined struct {
	workshop.Joining
	Code  string // in groups
	Lines []admission.Line
}

func (b *Board) joinPage(c *gin.Context) error {
	return b.write(c, page{Title: "Join", Kind: "join"})
}

// typedCode takes the code from the join page's form.
func (b *Board) typedCode(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, httpserve.MaxBody)
	code := workshop.PlainCode(c.PostForm("code"))
	if code == "" {
		return b.refuse(c, http.StatusNotFound, "A code has nine letters and digits, and neither 0 nor O, 1, I or L.")
	}
	c.Redirect(http.StatusSeeOther, "/j/"+code)
	return nil
}

// codePage is what a team's code opens.
func (b *Board) codePage(c *gin.Context) error {
	j, err := b.cfg.Admission.Open(c, c.Param("code"))
	var refused httpserve.Error
	if errors.As(err, &refused) {
		return b.refuse(c, refused.Code, refused.Text)
	}
	if err != nil {
		return err
	}
	code := workshop.PlainCode(c.Param("code"))
	return b.write(c, page{Title: j.Name, Kind: "join", Joined: &joined{j, workshop.ReadableCode(code), admission.Lines(j.Leaderboard, code)}})
}

// refuse is the join page with what was wrong.
func (b *Board) refuse(c *gin.Context, status int, text string) error {
	return b.write(c, page{Title: "Join", Kind: "join", Fault: text, Status: status})
}

// lessonPage is the participant's guide to a lesson, with ?team=7 as that team's own.
func (b *Board) lessonPage(c *gin.Context) error {
	lesson, err := workshop.LessonNamed(c.Param("lesson"))
	if err != nil {
		return httpserve.Status(http.StatusNotFound, "there is no such lesson")
	}
	markdown := docs.Participant
	if b.cfg.Admission != nil {
		team, _ := strconv.Atoi(c.Query("team")) // any other text is the guide for all
		markdown = docs.Fill(markdown, lesson, b.cfg.Admission.Public(team, b.base(c)))
	}
	text, err := guide(markdown, lesson.Name)
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
	return template.HTML(reachable.Replace(out.String())), nil
}

// reachable lets code that is wider than the page be scrolled by keyboard, and names no empty heads.
var reachable = strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>")
