package board

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/look"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// funcs are what templates call.
var funcs = template.FuncMap{
	"foreign":  foreign,
	"sentence": sentence,
	"clean":    clean,
	"isolated": isolated,
	"who":      who,
	"sign":     sign,
	"wordy":    wordy,
	"badge":    look.BadgeUse,
	"sprite":   look.BadgeSprite,
	"num":      num,
	"rate":     rate,
	"clock":    clock,
	"title":    lessonTitle,
	"plist":    pList,
	"mod8":     func(n int) int { return ((n % 8) + 8) % 8 },
	"take":     take,
	"pct":      pct,
	"more":     func(members []game.Member) int { return len(members) - 2 },
	"deref":    func(n *int64) int64 { return *n },
	"next":     func(n int) int { return n + 1 },
	"path":     url.PathEscape,
	"key":      func(e game.Event) string { return tickerKey([]game.Event{e}) },
	"events":   func(e []game.Event) []game.Event { return lastOf(e, len(e)) },
	"newest":   newest,
	"source":   func(name string, s game.Source) namedSource { return namedSource{name, s} },
}

func sign(colour int) string { return look.OwnerOf(colour).Sign }

// wordy is the size that a line of the instructor's needs to be read whole.
func wordy(text string) string {
	switch n := utf8.RuneCountInString(text); {
	case n > 84:
		return "longer"
	case n > 42:
		return "long"
	}
	return ""
}

// num writes a whole number short enough for a board: 1234 as 1,234, 45678 as 45.7k.
func num(n int64) string {
	switch {
	case n >= 9_999_500:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 0, 64) + "M"
	case n >= 999_950:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + "M"
	case n >= 99_950:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 0, 64) + "k"
	case n >= 10_000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + "k"
	case n >= 1000:
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return strconv.FormatInt(n, 10)
}

// rate writes records per second.
func rate(r float64) string {
	if r >= 100 {
		return num(int64(r + 0.5))
	}
	if r == float64(int64(r)) {
		return strconv.FormatInt(int64(r), 10)
	}
	return strconv.FormatFloat(r, 'f', 1, 64)
}

func pct(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v*100, 'f', 1, 64) + " %"
}

// clock writes a time for people; the page's script puts it into the viewer's own time zone.
func clock(v any) template.HTML {
	t, ok := timeOf(v)
	if !ok {
		return ""
	}
	return template.HTML(`<time datetime="` + t.UTC().Format("2006-01-02T15:04:05.000Z") + `">` + t.Local().Format(time.TimeOnly) + `</time>`)
}

func take(n int, members []game.Member) []game.Member { return members[:min(n, len(members))] }

func timeOf(v any) (time.Time, bool) {
	switch t := v.(type) {
	case workshop.Time:
		return t.Time, !t.IsZero()
	case *workshop.Time:
		if t == nil {
			return time.Time{}, false
		}
		return t.Time, !t.IsZero()
	case time.Time:
		return t, !t.IsZero()
	}
	return time.Time{}, false
}

func lessonTitle(name string) string {
	switch name {
	case workshop.ScaleUp.Name:
		return "Scale-up"
	case workshop.RebalancingDemo.Name:
		return "Rebalancing"
	case workshop.WebEvents.Name:
		return "Web events"
	}
	return name
}

type namedSource struct {
	Name string
	game.Source
}

func newest(r []game.Rejection) []game.Rejection {
	r = slices.Clone(r)
	slices.Reverse(r)
	return r
}
