package board

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/look"

	"github.com/gin-gonic/gin"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// pages holds the templates and the pages' assets.
type pages struct {
	tmpl   *template.Template
	assets *httpserve.Assets
	build  string // a page of another build reloads itself
}

func newPages() (*pages, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("read the page assets: %w", err)
	}
	files := map[string]string{"look.css": look.CSS, "look.js": look.JS}
	for _, e := range entries {
		text, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the page assets: %w", err)
		}
		files[e.Name()] = string(text)
	}

	assets := httpserve.NewAssets(files)
	t, err := template.New("").Funcs(templateFuncs).Funcs(template.FuncMap{"asset": assets.Address}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the page templates: %w", err)
	}
	return &pages{tmpl: t, assets: assets, build: assets.Version()}, nil
}

// A page is the data of a page's template.
type page struct {
	Title      string
	Kind       string // board, team, instructor, text, story, results, replay
	Team       int    // whose page it is; 0 if it is no team's
	Events     string // the address of its event stream; empty for none
	Build      string
	Now        int64 // the server's time, in Unix milliseconds
	Join       join
	Joined     *joined      // on a team's own join page
	Predict    *predictView // on the voting page
	Codes      bool         // join codes are accepted
	BeingBuilt []string     // the platforms whose client is still being built
	Fault      string       // why the given code was rejected
	Status     int          // of the response; 0 means 200
	Panel      string
	Lesson     string
	Calm       bool
	Layout     string                   // of the board
	Parts      map[string]template.HTML // by id
	Rows       []template.HTML          // in display order
	Text       template.HTML
	Round      any // of the pages that review a round
}

func (b *Board) registerPages(e *gin.Engine) {
	e.GET("/", httpserve.Handle(b.boardPage))
	e.GET("/teams", httpserve.Handle(b.jump))
	e.GET("/teams/:team", httpserve.Handle(b.teamPage))
	e.GET("/join", httpserve.Handle(b.joinPage))
	if b.cfg.Admission != nil {
		e.POST("/join", httpserve.Handle(b.openCode))
		e.GET("/j/:code", httpserve.Handle(b.codePage))
		e.GET("/j/:code/team.env", httpserve.Handle(b.teamEnv))
	}
	e.GET("/lessons/:lesson", httpserve.Handle(b.lessonPage))
	e.GET("/events", httpserve.Handle(b.events))
	e.GET("/instructor", b.cfg.Auth.Require(), httpserve.Handle(b.instructorPage))
	e.GET("/instructor/events", b.cfg.Auth.Require(), httpserve.Handle(b.instructorEvents))
}

func (b *Board) boardPage(c *gin.Context) error {
	k, err := roomKey(c)
	if err != nil {
		return err
	}
	return b.writeLive(c, page{Title: "Leaderboard", Kind: "board", Events: "/events" + query(c, "page")}, k)
}

func (b *Board) instructorPage(c *gin.Context) error {
	k, err := instructorKey(c)
	if err != nil {
		return err
	}
	return b.writeLive(c, page{Title: "Instructor", Kind: "instructor", Events: "/instructor/events" + query(c, "page", "find")}, k)
}

// query returns those of the named parameters that the request has, encoded for an address.
func query(c *gin.Context, names ...string) string {
	out := url.Values{}
	for _, name := range names {
		if text := c.Query(name); text != "" {
			out.Set(name, text)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + out.Encode()
}

func (b *Board) teamPage(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Public)
	if err != nil {
		return err
	}
	p := page{Title: t.Name, Kind: "team", Team: t.Team, Events: "/events?team=" + strconv.Itoa(t.Team)}
	return b.writeLive(c, p, feedKey{kind: teamPages, number: t.Team})
}

// writeLive writes a page with the parts of the feed's newest frame.
func (b *Board) writeLive(c *gin.Context, p page, k feedKey) error {
	p.Parts = map[string]template.HTML{}
	var order string
	for _, part := range b.feedOf(k).now.Load().parts {
		if part.event == "order" {
			order = part.data()
			continue
		}
		p.Parts[part.id] = template.HTML(part.data())
		if part.outer != "" && !part.held {
			p.Parts[part.outer] = withElement(p.Parts[part.outer], part.id, p.Parts[part.id])
		}
	}
	if layout, ids, ok := strings.Cut(order, " "); ok {
		if p.Kind == "board" {
			p.Layout = strings.ReplaceAll(layout, "+", " ")
		}
		for id := range strings.FieldsSeq(ids) {
			p.Rows = append(p.Rows, p.Parts[id])
		}
	}
	return b.writePage(c, p)
}

// withElement replaces the element with the given id in a part that was rendered earlier.
func withElement(outer template.HTML, id string, inner template.HTML) template.HTML {
	text := string(outer)
	at := strings.Index(text, ` id="`+id+`"`)
	if at < 0 {
		return outer
	}
	from := strings.LastIndexByte(text[:at], '<')
	begin, end := text[from:at], "</"+text[from+1:at]+">"

	to := from + len(begin)
	for depth := 1; depth > 0; {
		n := strings.Index(text[to:], end)
		if n < 0 {
			return outer
		}
		depth += strings.Count(text[to:to+n], begin+" ") + strings.Count(text[to:to+n], begin+">") - 1
		to += n + len(end)
	}
	return template.HTML(text[:from]) + inner + template.HTML(text[to:])
}

func (b *Board) writePage(c *gin.Context, p page) error {
	p.Build, p.Panel, p.Lesson = b.pages.build, b.cfg.PanelURL, b.cfg.Lesson.Name
	p.Calm, p.Now = b.cfg.Calm, b.cfg.Now().UnixMilli()
	if p.Kind == "board" || p.Kind == "join" { // its QR code is a third of the cost of the voting page
		p.Join = b.join(c)
	}
	p.Codes = b.cfg.Admission != nil
	if p.Codes {
		p.BeingBuilt = platforms(b.cfg.Admission.BeingBuilt())
	}

	text, err := b.render(p.Kind+".html", p)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(cmp.Or(p.Status, http.StatusOK), "text/html; charset=utf-8", []byte(text))
	return nil
}

// platforms returns the names of the platforms for which the client files are.
func platforms(files []string) []string {
	out := make([]string, len(files))
	for i, name := range files {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "participant-client-"), ".exe")
		if known := platformNames[name]; known != "" {
			name = known
		}
		out[i] = name
	}
	return out
}

var platformNames = map[string]string{
	"windows-amd64": "Windows", "windows-arm64": "Windows on ARM", "darwin-arm64": "macOS (Apple silicon)", "darwin-amd64": "macOS (Intel)",
	"linux-amd64": "Linux", "linux-arm64": "Linux on ARM",
}

func (b *Board) render(name string, data any) (string, error) {
	var out strings.Builder
	if err := b.pages.tmpl.ExecuteTemplate(&out, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return out.String(), nil
}
