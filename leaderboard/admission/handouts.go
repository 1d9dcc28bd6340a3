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

// Handouts are the handouts of all teams, in the order of their numbers.
type Handouts []Handout

// A Handout holds what one team needs to join.
type Handout struct {
	workshop.Joining
	Code string
}

// Address returns the address of the team's page, or "" if the leaderboard's address is not known.
func (h Handout) Address() string {
	if h.Leaderboard == "" {
		return ""
	}
	return h.Leaderboard + "/j/" + h.Code
}

// Readable returns the code in groups of characters.
func (h Handout) Readable() string { return workshop.ReadableCode(h.Code) }

// Lines returns the commands to paste.
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

// CSV writes one row per team.
func (hs Handouts) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	heading := []string{"team", "name", "code", "address", "brokers", "topic", "group", "username", "password", "sasl"}
	if err := out.Write(heading); err != nil {
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

// HTML writes a self-contained page to print, two teams to a sheet.
func (hs Handouts) HTML(w io.Writer) error { return hs.page(w, false, "") }

// page writes the page, with links to the instructor's other pages if links is set. panel is the control panel's address, or "".
func (hs Handouts) page(w io.Writer, links bool, panel string) error {
	return handoutsTemplate.Execute(w, struct {
		CSS   template.CSS
		Teams Handouts
		Links bool
		Panel string
	}{template.CSS(handoutsCSS), hs, links, panel})
}

// Handouts returns the handouts of all teams. base is the leaderboard's address, or "" if it is not known.
func (s *Service) Handouts(base string) Handouts {
	hs := make(Handouts, 0, len(s.codes))
	for i, code := range s.codes {
		hs = append(hs, Handout{s.settings(i+1, base), code})
	}
	return hs
}

func (s *Service) handoutsPage(c *gin.Context) error {
	base, err := s.Base(c)
	if err != nil {
		return err
	}

	var page bytes.Buffer
	if err := s.Handouts(base).page(&page, true, s.cfg.PanelURL); err != nil {
		return err
	}

	// The style is inline, so that the page can be saved. The policy allows that one style by its hash.
	hash := sha256.Sum256([]byte(handoutsCSS))
	c.Header("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src data:; style-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'")
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	return nil
}

func (s *Service) handoutsCSV(c *gin.Context) error {
	base, err := s.Base(c)
	if err != nil {
		return err
	}

	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="handouts.csv"`)
	c.Status(http.StatusOK)
	return s.Handouts(base).CSV(c.Writer)
}
