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

// A join is the address that participants type, also as a QR code.
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
	j.QR, _ = admission.QR(j.URL, "QR code of the join address") // an address that is too long has none
	return j
}

// base returns the address of this board as participants type it.
func (b *Board) base(c *gin.Context) string {
	if b.cfg.PublicURL != "" {
		return strings.TrimRight(b.cfg.PublicURL, "/")
	}
	return "http://" + c.Request.Host
}

// A joined is what somebody with a team's code sees.
type joined struct {
	workshop.Joining
	Code  string // in groups of three
	Lines []admission.Line
}

func (b *Board) joinPage(c *gin.Context) error {
	return b.writePage(c, page{Title: "Join", Kind: "join"})
}

// openCode redirects from the join page's form to the page of the code.
func (b *Board) openCode(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, httpserve.MaxBody)
	code := workshop.PlainCode(c.PostForm("code"))
	if code == "" {
		return b.refuse(c, http.StatusNotFound, "A code has nine letters and digits, and neither 0 nor O, 1, I or L.")
	}
	c.Redirect(http.StatusSeeOther, "/j/"+code)
	return nil
}

// codePage shows a team how to join with its code.
func (b *Board) codePage(c *gin.Context) error {
	j, err := b.cfg.Admission.Open(c, c.Param("code"))
	var refused httpserve.Error
	if errors.As(err, &refused) {
		return b.refuse(c, refused.Code, refused.Text)
	}
	if err != nil {
		return err
	}
	b.joinVoter(c, j.Team)
	code := workshop.PlainCode(c.Param("code"))
	return b.writePage(c, page{Title: j.Name, Kind: "join", Joined: &joined{j, workshop.ReadableCode(code), admission.Lines(j.Leaderboard, code)}})
}

// refuse shows the join page with what is wrong with the code.
func (b *Board) refuse(c *gin.Context, status int, text string) error {
	return b.writePage(c, page{Title: "Join", Kind: "join", Fault: text, Status: status})
}

// lessonPage shows the participant's guide to a lesson; with ?team=7 its examples are that team's.
func (b *Board) lessonPage(c *gin.Context) error {
	lesson, err := workshop.LessonNamed(c.Param("lesson"))
	if err != nil {
		return httpserve.Status(http.StatusNotFound, "there is no such lesson")
	}
	markdown := docs.Participant
	if b.cfg.Admission != nil {
		team, _ := strconv.Atoi(c.Query("team")) // anything else is the guide for all teams
		markdown = docs.Fill(markdown, lesson, b.cfg.Admission.Public(team, b.base(c)))
	}
	text, err := guide(markdown, lesson.Name)
	if err != nil {
		return err
	}
	return b.writePage(c, page{Title: lessonTitle(lesson.Name), Kind: "text", Text: text})
}

// guide returns the participant's guide to a lesson. Sections with a line <!-- lesson: scale-up --> under their heading
// are for that lesson only, the others for all.
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
		return "", fmt.Errorf("convert the participant's guide: %w", err)
	}
	// goldmark omits raw HTML, so all markup is its own.
	return template.HTML(reachable.Replace(out.String())), nil
}

// reachable makes wide code blocks scrollable by keyboard, and removes empty table headers.
var reachable = strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>")
