package board

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
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

// pages are the templates and what they load.
type pages struct {
	tmpl   *template.Template
	assets map[string][]byte
	build  string // another build than a page's: the page loads itself again
}

func newPages() (*pages, error) {
	t, err := template.New("").Funcs(funcs).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the page templates: %w", err)
	}
	p := &pages{tmpl: t, assets: map[string][]byte{"look.css": []byte(look.CSS), "look.js": []byte(look.JS)}}
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("read the page assets: %w", err)
	}
	sum := sha256.New()
	sum.Write(p.assets["look.css"])
	sum.Write(p.assets["look.js"])
	for _, f := range files {
		text, err := assetFiles.ReadFile("assets/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read the page assets: %w", err)
		}
		sum.Write(text)
		p.assets[f.Name()] = text
	}
	p.build = hex.EncodeToString(sum.Sum(nil)[:6])
	return p, nil
}

// A page is what the frame of every page needs; Parts hold its contents by id.
type page struct {
	Title      string
	Kind       string // board, team, instructor, text
	Events     string // where its events come from, empty for none
	Build      string
	Join       join
	Joined     *joined  // on a team's own join page
	Codes      bool     // somebody answers codes
	BeingBuilt []string // the platforms whose client is still being built
	Fault      string   // what was wrong with the code that was given
	Status     int      // of the answer; 0 is 200
	Panel      string
	Lesson     string
	Size       string
	Parts      map[string]template.HTML
	Rows       []template.HTML
	Text       template.HTML
}

func (b *Board) registerPages(e *gin.Engine) {
	e.GET("/", httpserve.Handle(b.boardPage))
	e.GET("/teams/:team", httpserve.Handle(b.teamPage))
	e.GET("/join", httpserve.Handle(b.joinPage))
	if b.cfg.Admission != nil {
		e.POST("/join", httpserve.Handle(b.typedCode))
		e.GET("/j/:code", httpserve.Handle(b.codePage))
	}
	e.GET("/lessons/:lesson", httpserve.Handle(b.lessonPage))
	e.GET("/events", httpserve.Handle(b.events))
	e.GET("/assets/:name", httpserve.Handle(b.asset))
	e.GET("/instructor", b.cfg.Auth.Require(), httpserve.Handle(b.instructorPage))
	e.GET("/instructor/events", b.cfg.Auth.Require(), httpserve.Handle(func(c *gin.Context) error {
		return b.stream(c, b.instructor)
	}))
}

func (b *Board) boardPage(c *gin.Context) error {
	return b.live(c, page{Title: "Leaderboard", Kind: "board", Events: "/events", Size: size(len(b.view.Load().Public.Teams))}, b.room)
}

func (b *Board) instructorPage(c *gin.Context) error {
	return b.live(c, page{Title: "Instructor", Kind: "instructor", Events: "/instructor/events"}, b.instructor)
}

func (b *Board) teamPage(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Public)
	if err != nil {
		return err
	}
	p := page{Title: t.Name, Kind: "team", Events: "/events?team=" + strconv.Itoa(t.Team)}
	return b.live(c, p, b.teamFeed(t.Team))
}

// live writes a page as of its loading: the parts of the feed's newest frame, in place.
func (b *Board) live(c *gin.Context, p page, f *feed) error {
	p.Parts = map[string]template.HTML{}
	byID := map[string]template.HTML{}
	var order string
	for _, part := range f.now.Load().parts {
		if part.event == "order" {
			order = part.data()
			continue
		}
		html := template.HTML(part.data())
		p.Parts[part.id], byID[part.id] = html, html
	}
	if _, ids, ok := strings.Cut(order, " "); ok {
		for id := range strings.FieldsSeq(ids) {
			p.Rows = append(p.Rows, byID[id])
		}
	}
	return b.write(c, p)
}

func (b *Board) write(c *gin.Context, p page) error {
	p.Build, p.Panel, p.Lesson = b.pages.build, b.cfg.PanelURL, b.cfg.Lesson.Name
	p.Join, p.Codes = b.join(c), b.cfg.Admission != nil
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

// platforms turns the file names of clients into what people call their laptops.
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
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	return out.String(), nil
}

// events streams the room's feed, or with ?team=7 that of a team's page. Both are public whatever
// cookie comes with the request.
func (b *Board) events(c *gin.Context) error {
	text, one := c.GetQuery("team")
	if !one {
		return b.public(c, b.room)
	}
	n, err := strconv.Atoi(text)
	if _, ok := team(b.view.Load().Public, n); err != nil || !ok {
		return httpserve.Status(http.StatusNotFound, "there is no such team")
	}
	return b.public(c, b.teamFeed(n))
}

// public streams a feed to anybody, while there is room for one more.
func (b *Board) public(c *gin.Context, f *feed) error {
	end, err := b.streams.Open(c)
	if err != nil {
		return err
	}
	defer end()

	return b.stream(c, f)
}

func (b *Board) stream(c *gin.Context, f *feed) error {
	s, err := httpserve.NewStream(c.Writer, c.Request)
	if err != nil {
		return nil // the viewer is gone
	}
	hello := httpserve.Event("hello", b.pages.build+" "+strconv.FormatInt(b.cfg.Now().UnixMilli(), 10))
	if s.Send(hello) == nil {
		_ = f.follow(c.Request.Context(), s) // an error is a viewer that went away
	}
	return nil
}

// teamFeed is the feed of a team's page, made when somebody first looks at it.
func (b *Board) teamFeed(n int) *feed {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.teams[n]
	if f == nil {
		f = newFeed()
		f.publish(b.teamParts(b.view.Load(), n), true)
		b.teams[n] = f
	}
	return f
}

func (b *Board) asset(c *gin.Context) error {
	name := c.Param("name")
	text, ok := b.pages.assets[name]
	if !ok {
		return httpserve.Status(http.StatusNotFound, "there is nothing here")
	}
	kind := "text/css; charset=utf-8"
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	// Pages ask with ?v=build, so that a new build is never mixed with an old file.
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, kind, text)
	return nil
}
