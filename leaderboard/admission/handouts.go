package admission

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
)

// Handouts are what every team is given, team 1's first.
type Handouts []Handout

// A Handout is one team's.
type Handout struct {
	workshop.Joining
	Code string
}

// Address is where the team's code opens its page; empty when the room's address is not known.
func (h Handout) Address() string {
	if h.Leaderboard == "" {
		return ""
	}
	return h.Leaderboard + "/j/" + h.Code
}

// Readable is the code in groups.
func (h Handout) Readable() string { return workshop.ReadableCode(h.Code) }

// Lines are what to paste.
func (h Handout) Lines() []Line { return Lines(h.Leaderboard, h.Code) }

// Text writes the handouts as plain text.
func (hs Handouts) Text(w io.Writer) error {
	for _, h := range hs {
		var b strings.Builder
		fmt.Fprintf(&b, "Team %d  %s\n", h.Team, workshop.CleanText(h.Name, workshop.MaxText))
		if h.Leaderboard != "" {
			fmt.Fprintf(&b, "  join      %s/join\n", h.Leaderboard)
		}
		fmt.Fprintf(&b, "  code      %s\n", h.Readable())
		if h.Leaderboard != "" {
			for _, l := range h.Lines() {
				fmt.Fprintf(&b, "  %s:\n    %s\n", l.For, l.Text)
			}
		}
		fmt.Fprintf(&b, "  brokers   %s\n  topic     %s\n  group     %s\n", strings.Join(h.Brokers, ","), h.Topics[0], h.Group)
		if h.Username != "" {
			fmt.Fprintf(&b, "  username  %s (%s)\n  password  %s\n", h.Username, h.SASL, h.Password)
		}
		if _, err := fmt.Fprintln(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// CSV writes a line a team.
func (hs Handouts) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"team", "name", "code", "address", "brokers", "topic", "group", "username", "password", "sasl"}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, h := range hs {
		line := []string{
			strconv.Itoa(h.Team), workshop.SpreadsheetCell(h.Name), h.Code, h.Address(), strings.Join(h.Brokers, ","), h.Topics[0], h.Group, h.Username, h.Password, h.SASL,
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

var (
	//go:embed handouts.html
	handoutsHTML string
	//go:embed handouts.css
	handoutsCSS string

	handoutsTemplate = template.Must(template.New("handouts").Funcs(template.FuncMap{
		"qr":     func(text string) (template.HTML, error) { return QR(text, "QR code of the team's address") },
		"clean":  func(text string) string { return workshop.CleanText(text, workshop.MaxText) },
		"commas": func(s []string) string { return strings.Join(s, ",") },
	}).Parse(handoutsHTML))
)

// HTML writes one page to print, two teams a sheet. It needs no other file.
func (hs Handouts) HTML(w io.Writer) error { return hs.page(w, false, "") }

// page is HTML, with links to the instructor's other pages where it is one of them. Panel is the control panel's address, if
// it is known.
func (hs Handouts) page(w io.Writer, links bool, panel string) error {
	return handoutsTemplate.Execute(w, struct {
		CSS   template.CSS
		Teams Handouts
		Links bool
		Panel string
	}{template.CSS(handoutsCSS), hs, links, panel})
}

// Handouts of all teams, with the room's address as given.
func (d *Service) Handouts(base string) Handouts {
	hs := make(Handouts, 0, len(d.codes))
	for i, code := range d.codes {
		hs = append(hs, Handout{d.settings(i+1, base), code})
	}
	return hs
}

func (d *Service) handoutsPage(c *gin.Context) error {
	base, err := d.Base(c)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := d.Handouts(base).page(&page, true, d.cfg.PanelURL); err != nil {
		return err
	}
	// The page carries its style, so that it can be saved; its hash lets that one style through.
	hash := sha256.Sum256([]byte(handoutsCSS))
	c.Header("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src data:; style-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'")
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	return nil
}

func (d *Service) handoutsCSV(c *gin.Context) error {
	base, err := d.Base(c)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="handouts.csv"`)
	c.Status(http.StatusOK)
	return d.Handouts(base).CSV(c.Writer)
}
