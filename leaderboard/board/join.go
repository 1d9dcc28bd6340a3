package board

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/admission"

	"github.com/gin-gonic/gin"
)

// A join holds the address that participants type, with its QR code.
type join struct {
	URL   string
	Short string // without http://
	QR    template.HTML
	Lines []admission.Line // to paste on a laptop
}

func (b *Board) join(c *gin.Context) join {
	base := b.base(c)
	j := join{URL: base + "/join", Lines: admission.Lines(base, "")}
	j.Short = strings.TrimPrefix(j.URL, "http://")
	j.QR, _ = admission.QR(j.URL, "QR code of the join address") // an address that is too long has none
	return j
}

// base returns this board's address as participants type it.
func (b *Board) base(c *gin.Context) string {
	if b.cfg.PublicURL != "" {
		return strings.TrimRight(b.cfg.PublicURL, "/")
	}
	return "http://" + c.Request.Host
}

// A joined is what a visitor with a team's code sees.
type joined struct {
	workshop.Joining
	Code  string // in groups of three
	Lines []admission.Line
}

func (b *Board) joinPage(c *gin.Context) error {
	return b.writePage(c, page{Title: "Join", Kind: "join"})
}

// openCode redirects from the join page's form to the code's page.
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

// teamEnv serves the settings for a team's own programs as a file, in exchange for its code.
func (b *Board) teamEnv(c *gin.Context) error {
	j, err := b.cfg.Admission.Open(c, c.Param("code"))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="team.env"`)
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(admission.TeamEnv(j)))
	return nil
}

// refuse shows the join page with the reason why the code was rejected.
func (b *Board) refuse(c *gin.Context, status int, text string) error {
	return b.writePage(c, page{Title: "Join", Kind: "join", Fault: text, Status: status})
}
