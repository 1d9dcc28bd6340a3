package board

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/docs"
	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// lessonPage shows the participant's guide to a lesson. With ?team=7, its examples are that team's, and its steps are ticked.
func (b *Board) lessonPage(c *gin.Context) error {
	lesson, err := workshop.LessonNamed(c.Param("lesson"))
	if err != nil {
		return httpserve.Status(http.StatusNotFound, "there is no such lesson")
	}

	p := page{Title: lessonTitle(lesson.Name), Kind: "text"}
	number, _ := strconv.Atoi(c.Query("team")) // any other value is the guide for all teams
	markdown := docs.Participant
	if b.cfg.Admission != nil {
		markdown = docs.Fill(markdown, lesson, b.cfg.Admission.Public(number, b.base(c)))
	}
	if p.Text, err = guide(markdown, lesson.Name); err != nil {
		return err
	}

	if _, ok := team(b.view.Load().Public, number); ok && lesson.Name == b.cfg.Lesson.Name {
		p.Team = number
		p.Events = "/events?team=" + strconv.Itoa(number)
		return b.writeLive(c, p, feedKey{kind: teamPages, number: number})
	}
	return b.writePage(c, p)
}

// guide returns the participant's guide to a lesson. Sections with a line <!-- lesson: scale-up --> under their heading are
// only for the lessons that it names; the others are for all.
func guide(markdown, lesson string) (template.HTML, error) {
	var keep []string
	for i, section := range strings.Split("\n"+markdown, "\n## ") {
		if i > 0 {
			section = "## " + section
		}
		before, rest, marked := strings.Cut(section, "<!-- lesson:")
		if marked {
			of, after, _ := strings.Cut(rest, "-->")
			if !slices.Contains(strings.Fields(of), lesson) {
				continue
			}
			section = before + after
		}
		keep = append(keep, section)
	}

	text := strings.Join(keep, "\n")
	for _, d := range details {
		text = d.markdown.ReplaceAllString(text, d.mark)
	}

	var out strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	if err := md.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("convert the participant's guide: %w", err)
	}

	page := reachable.Replace(out.String())
	for _, d := range details {
		page = d.marked.ReplaceAllString(page, d.html)
	}
	// goldmark omits raw HTML, so all markup is its own or ours.
	return template.HTML(page), nil
}

// details are the answers that fold out. In the guide they are HTML, as GitHub shows them. goldmark omits HTML, so they pass
// through it as paragraphs with a mark.
var details = []struct {
	markdown *regexp.Regexp
	mark     string
	marked   *regexp.Regexp
	html     string
}{
	{regexp.MustCompile(`(?m)^<details><summary>(.*)</summary>$`), "@@answer $1", regexp.MustCompile(`<p>@@answer (.*)</p>`), "<details><summary>$1</summary>"},
	{regexp.MustCompile(`(?m)^</details>$`), "@@end", regexp.MustCompile(`<p>@@end</p>`), "</details>"},
}

// reachable makes elements scrollable, also by keyboard, that may be wider than a phone, and removes empty table headers.
var reachable = strings.NewReplacer(
	"<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>",
	"<table>", `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>`, "</table>", "</table></div>",
)

// A guideStep is a step of the lesson, with the badges that it earns.
type guideStep struct {
	ID     string // of its heading
	Title  string
	Badges []string
}

var stepHeading = regexp.MustCompile(`<h3 id="([^"]*)">(Step \d+: [^<]*)</h3>`)

// guideSteps returns the steps of a lesson's guide. A step's heading ends with the icons of its badges.
func guideSteps(lesson workshop.Lesson) ([]guideStep, error) {
	text, err := guide(docs.Participant, lesson.Name)
	if err != nil {
		return nil, err
	}

	var steps []guideStep
	for _, m := range stepHeading.FindAllStringSubmatch(string(text), -1) {
		s := guideStep{ID: m[1], Title: html.UnescapeString(m[2])}
		for _, badge := range game.Badges(lesson) {
			if strings.Contains(s.Title, badge.Icon) {
				s.Title = strings.ReplaceAll(s.Title, badge.Icon, "")
				s.Badges = append(s.Badges, badge.ID)
			}
		}
		s.Title = strings.TrimSpace(s.Title)
		steps = append(steps, s)
	}
	return steps, nil
}

// A stepView is a step with the team's progress.
type stepView struct {
	guideStep
	Marks []mark
}

// Done reports whether the team has every badge of the step.
func (s stepView) Done() bool {
	for _, m := range s.Marks {
		if m.Got == nil {
			return false
		}
	}
	return len(s.Marks) > 0
}

// progressPart lists the steps of the guide, ticked according to the team's badges.
func (b *Board) progressPart(key string, t game.Team, badges []game.Badge) spec {
	return b.part("progress", key, "progress", func() any {
		all := marks(badges, t)
		views := make([]stepView, len(b.steps))
		for i, s := range b.steps {
			views[i].guideStep = s
			for _, id := range s.Badges {
				for _, m := range all {
					if m.ID == id {
						views[i].Marks = append(views[i].Marks, m)
					}
				}
			}
		}
		return views
	})
}
