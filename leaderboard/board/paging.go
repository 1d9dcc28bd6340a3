package board

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/gin-gonic/gin"
)

const (
	// turning stands for a page's number where the board turns its pages by itself.
	turning = 0
	// turnEvery is how long each page is shown then.
	turnEvery = 12 * time.Second
	// glanceRows is how many teams a page of the instructor's has.
	glanceRows = 100
)

// A pageRange is the rows of one page of a list.
type pageRange struct {
	Page, Pages int // from 1
	From, To    int // rows, from 0, To excluded
	Of          int // rows in all
}

// pageOf returns a page of a list; the last one in place of one behind it.
func pageOf(number, rows, size int) pageRange {
	pages := max(1, (rows+size-1)/size)
	number = min(max(number, 1), pages)
	from := (number - 1) * size
	return pageRange{Page: number, Pages: pages, From: from, To: min(from+size, rows), Of: rows}
}

// boardPageOf returns a page of the board. One that turns goes on with time, and while a reveal plays it shows the row that
// the step is about, or the top of the ranking.
func (b *Board) boardPageOf(number int, v game.Board, order []int, began time.Time) pageRange {
	size := rowsShown(v)
	if number != turning {
		return pageOf(number, len(order), size)
	}
	if v.Reveal != nil && !b.cfg.Calm {
		at := slices.IndexFunc(order, func(i int) bool { return v.Teams[i].Turn })
		return pageOf(at/size+1, len(order), size)
	}

	pages := pageOf(1, len(order), size).Pages
	turned := int(b.cfg.Now().Sub(began) / turnEvery)
	return pageOf(turned%pages+1, len(order), size)
}

// A pager tells which page is shown, and leads to the others.
type pager struct {
	pageRange
	path    string // of the list
	find    string // what is looked for in it; empty for all
	Board   bool   // the public one, which has pages that turn
	Ranks   bool   // rows stand in the order of their ranks
	Turning bool   // by themselves
	Search  bool   // there is a field to look for teams
}

// Shown says which rows are shown: "101–200 of 2,000".
func (p pager) Shown() string {
	if p.Of == 0 {
		return "none"
	}
	return num(int64(p.From+1)) + "–" + num(int64(p.To)) + " of " + num(int64(p.Of))
}

// This, Before and After are the addresses of pages. Before the first one is the last.
func (p pager) This() string   { return p.address(p.Page) }
func (p pager) Before() string { return p.address((p.Page+p.Pages-2)%p.Pages + 1) }
func (p pager) After() string  { return p.address(p.Page%p.Pages + 1) }

func (p pager) address(page int) string {
	address := p.path + "?page=" + strconv.Itoa(page)
	if p.find != "" {
		address += "&find=" + url.QueryEscape(p.find)
	}
	return address
}

// Wanted is what somebody looks for.
func (p pager) Wanted() string { return p.find }

// roomKey returns the key of the page of the board that a request is for: the first one where it names none.
func roomKey(c *gin.Context) (feedKey, error) {
	text := c.DefaultQuery("page", "1")
	if text == "turning" {
		return feedKey{kind: roomPages, number: turning}, nil
	}
	n, err := pageNumber(text, spottedRows)
	return feedKey{kind: roomPages, number: n}, err
}

// instructorKey returns the key of the page of the instructor's that a request is for.
func instructorKey(c *gin.Context) (feedKey, error) {
	find := strings.ToLower(strings.TrimSpace(c.Query("find")))
	if len(find) > maxFind {
		return feedKey{}, httpserve.Bad("find: use at most %d characters", maxFind)
	}
	n, err := pageNumber(c.DefaultQuery("page", "1"), glanceRows)
	return feedKey{kind: instructorPages, number: n, find: find}, err
}

// maxFind bounds what is looked for, in bytes.
const maxFind = 100

// pageNumber reads the number of a page. It may be that of any page that the largest room has: how many there are now
// changes with the spotlight, and is not known before the first View.
func pageNumber(text string, size int) (int, error) {
	most := pageOf(1, workshop.MaxTeams, size).Pages
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, httpserve.Status(http.StatusNotFound, "there is no page %q here: pages are 1 to %d", text, most)
	}
	return n, nil
}

// jump leads to the page of the team whose number somebody typed.
func (b *Board) jump(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/teams/"+url.PathEscape(strings.TrimSpace(c.Query("team"))))
	return nil
}
