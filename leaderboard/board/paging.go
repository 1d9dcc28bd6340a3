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
	// turning replaces the number of a page if the board turns its pages automatically.
	turning = 0
	// turnEvery is how long each page is shown then.
	turnEvery = 12 * time.Second
	// glanceRows is how many teams one of the instructor's pages lists.
	glanceRows = 100
)

// A pageRange is the range of rows on one page of a list.
type pageRange struct {
	Page, Pages int // from 1
	From, To    int // rows, from 0; To is exclusive
	Of          int // number of rows in all
}

// pageOf returns a page of a list, or the last page if number is beyond it.
func pageOf(number, rows, size int) pageRange {
	pages := max(1, (rows+size-1)/size)
	number = min(max(number, 1), pages)
	from := (number - 1) * size
	return pageRange{Page: number, Pages: pages, From: from, To: min(from+size, rows), Of: rows}
}

// boardPageOf returns a page of the board. If it turns, the page advances with time; during a reveal, it is the page with the
// row that the step is about, or the top of the ranking.
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

// A pager shows which page this is, with links to the others.
type pager struct {
	pageRange
	path    string // of the list
	find    string // the search in it; empty for all
	Board   bool   // the public one, which has pages that turn
	Ranks   bool   // rows are in the order of their ranks
	Turning bool   // automatically
	Search  bool   // there is a search field for teams
}

// Shown describes which rows are shown: "101–200 of 2,000".
func (p pager) Shown() string {
	if p.Of == 0 {
		return "none"
	}
	return num(int64(p.From+1)) + "–" + num(int64(p.To)) + " of " + num(int64(p.Of))
}

// This, Before and After return the addresses of pages. The page before the first is the last.
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

// Wanted returns the search text.
func (p pager) Wanted() string { return p.find }

// roomKey returns the key of the board's page that a request names, by default the first.
func roomKey(c *gin.Context) (feedKey, error) {
	text := c.DefaultQuery("page", "1")
	if text == "turning" {
		return feedKey{kind: roomPages, number: turning}, nil
	}
	n, err := pageNumber(text, spottedRows)
	return feedKey{kind: roomPages, number: n}, err
}

// instructorKey returns the key of the instructor's page that a request names.
func instructorKey(c *gin.Context) (feedKey, error) {
	find := strings.ToLower(strings.TrimSpace(c.Query("find")))
	if len(find) > maxFind {
		return feedKey{}, httpserve.Bad("find: use at most %d characters", maxFind)
	}
	n, err := pageNumber(c.DefaultQuery("page", "1"), glanceRows)
	return feedKey{kind: instructorPages, number: n, find: find}, err
}

// maxFind limits the search text, in bytes.
const maxFind = 100

// pageNumber parses the number of a page. Any page of the largest room is valid: the current number of pages changes with the
// spotlight, and is unknown before the first View.
func pageNumber(text string, size int) (int, error) {
	most := pageOf(1, workshop.MaxTeams, size).Pages
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, httpserve.Status(http.StatusNotFound, "there is no page %q here: pages are 1 to %d", text, most)
	}
	return n, nil
}

// jump redirects to the page of the team whose number was entered.
func (b *Board) jump(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/teams/"+url.PathEscape(strings.TrimSpace(c.Query("team"))))
	return nil
}
