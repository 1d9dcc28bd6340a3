package board

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

// maxMessage is the longest line that the instructor can show, in characters.
const maxMessage = 200

func (b *Board) registerActs(e *gin.Engine) {
	g := e.Group("/api/instructor", b.cfg.Auth.Require())
	g.GET("/board", httpserve.Handle(b.getTruth))
	g.GET("/export.json", httpserve.Handle(b.exportJSON))
	g.GET("/export.csv", httpserve.Handle(b.exportCSV))
	for path, act := range map[string]func(c *gin.Context) error{
		"/freeze":                             func(c *gin.Context) error { return b.cfg.Acts.Freeze(c.Request.Context()) },
		"/reveal":                             b.reveal,
		"/rounds":                             func(c *gin.Context) error { return b.cfg.Acts.NewRound(c.Request.Context()) },
		"/message":                            b.message,
		"/teams/:team/rename":                 b.rename,
		"/teams/:team/offsets":                b.offsets,
		"/teams/:team/badges/:badge/remove":   b.removeBadge,
		"/teams/:team/members/:member/remove": b.removeMember,
	} {
		g.POST(path, httpserve.Handle(func(c *gin.Context) error {
			if err := act(c); err != nil {
				return err
			}
			b.cfg.Log.InfoContext(c.Request.Context(), "instructor acted", "act", c.Request.URL.Path, "from", c.ClientIP())
			c.JSON(http.StatusOK, gin.H{"done": true})
			return nil
		}))
	}
}

// reveal plays by itself when nothing else is asked for.
func (b *Board) reveal(c *gin.Context) error {
	in := struct {
		How string `json:"how"`
	}{game.RevealPlay}
	if c.Request.ContentLength != 0 {
		if err := httpserve.JSON(c, &in); err != nil {
			return err
		}
	}
	switch in.How {
	case game.RevealPlay, game.RevealPause, game.RevealNext, game.RevealBack, game.RevealAll:
		return b.cfg.Acts.Reveal(c.Request.Context(), in.How)
	}
	return httpserve.Bad("how is %q: use play, pause, next, back or all", in.How)
}

func (b *Board) message(c *gin.Context) error {
	var in struct {
		Text *string `json:"text"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.Text == nil {
		return httpserve.Bad("text is missing: an empty one takes the message away")
	}
	text, err := line("text", *in.Text, maxMessage)
	if err != nil {
		return err
	}
	return b.cfg.Acts.Message(c.Request.Context(), text)
}

func (b *Board) rename(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}
	var in struct {
		Name string `json:"name"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	name, err := workshop.TeamName(in.Name)
	if err != nil {
		return httpserve.Bad("%s", err)
	}
	return b.cfg.Acts.Rename(c.Request.Context(), t.Team, name)
}

func (b *Board) offsets(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}
	var in struct {
		To string `json:"to"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	if in.To != "latest" && in.To != "earliest" {
		return httpserve.Bad("to is %q: use latest or earliest", in.To)
	}
	return b.cfg.Acts.SetOffsets(c.Request.Context(), t.Team, in.To)
}

func (b *Board) removeBadge(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}
	for _, e := range t.Badges {
		if e.Badge == c.Param("badge") {
			return b.cfg.Acts.RemoveBadge(c.Request.Context(), t.Team, e.Badge)
		}
	}
	return httpserve.Status(http.StatusNotFound, "team %d does not have that badge", t.Team)
}

func (b *Board) removeMember(c *gin.Context) error {
	t, err := b.teamOf(c, b.view.Load().Truth)
	if err != nil {
		return err
	}
	for _, m := range t.Members {
		if m.MemberID == c.Param("member") {
			return b.cfg.Acts.RemoveMember(c.Request.Context(), t.Team, m.MemberID)
		}
	}
	return httpserve.Status(http.StatusNotFound, "team %d has no such member", t.Team)
}

// line takes one line of text as it is to be shown: trimmed, with nothing in it that acts on the text beside it.
func line(field, text string, longest int) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n > longest {
		return "", httpserve.Bad("%s has %d characters: %d at most", field, n, longest)
	}
	if workshop.CleanText(text, longest) != text {
		return "", httpserve.Bad("%s holds control characters: send one line of text", field)
	}
	return text, nil
}
