package board

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/look"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// templateFuncs are the functions that templates call.
var templateFuncs = template.FuncMap{
	"bdi":      bdi,
	"sentence": sentence,
	"clean":    clean,
	"isolated": isolated,
	"member":   memberName,
	"sign":     sign,
	"msgsize":  messageSize,
	"badge":    look.BadgeUse,
	"sprite":   look.BadgeSprite,
	"num":      num,
	"rate":     rate,
	"clock":    clock,
	"effects":  stepEffects,
	"minutes":  minutes,
	"title":    lessonTitle,
	"lasted":   func(d time.Duration) string { return num(int64(d.Seconds() + 0.5)) },
	"speeds":   func() []int { return []int{1, 10, 60} },
	"plist":    partitionList,
	"mod8":     func(n int) int { return ((n % 8) + 8) % 8 },
	"firsttwo": func(members []game.Member) []game.Member { return members[:min(2, len(members))] },
	"pct":      pct,
	"minustwo": func(n int) int { return n - 2 },
	"deref":    func(n *int64) int64 { return *n },
	"plusone":  func(n int) int { return n + 1 },
	"path":     url.PathEscape,
	"key":      eventKey,
	"seconds":  seconds,
	"left":     timeLeft,
	"iso":      iso,
	"places":   rise,
	"longname": func(name string) bool { return utf8.RuneCountInString(name) > 14 },
	"chip":     chipName,
	"pause":    func(ms *int64) string { return game.PauseText(*ms) },
	"offset":   func(n int64) string { return short(float64(n)) },
	"newest":   newestFirst[game.Event],
	"latest":   newestFirst[game.Rejection],
	"source":   func(name string, s game.Source) namedSource { return namedSource{name, s} },
}

func sign(colour int) string { return look.OwnerOf(colour).Sign }

// messageSize returns the class of the font size at which the instructor's message fits the board.
func messageSize(text string) string {
	switch n := utf8.RuneCountInString(text); {
	case n > 84:
		return "longer"
	case n > 42:
		return "long"
	}
	return ""
}

// num formats a whole number for a board: 1234 as 1,234, and 45678 as 45.7k.
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

// rate formats records per second.
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

// clock formats a time of day. The page's script converts it to the viewer's time zone.
func clock(v any) template.HTML {
	t, ok := timeOf(v)
	if !ok {
		return ""
	}
	return template.HTML(`<time datetime="` + t.UTC().Format("2006-01-02T15:04:05.000Z") + `">` + t.Local().Format(time.TimeOnly) + `</time>`)
}

func iso(v any) string {
	t, _ := timeOf(v)
	return t.UTC().Format(workshop.TimeFormat)
}

// seconds returns how long something has lasted. The page's script continues the count.
func seconds(since *workshop.Time, now workshop.Time) int {
	return int(max(now.Sub(since.Time), 0).Seconds())
}

// timeLeft formats the remaining time as 03:20, and time beyond the end as +01:10.
func timeLeft(end, now workshop.Time) string {
	left := int(math.Ceil(end.Sub(now.Time).Seconds()))
	sign := ""
	if left < 0 {
		left, sign = -left, "+"
	}
	return fmt.Sprintf("%s%02d:%02d", sign, left/60, left%60)
}

// chipName returns a member's name without its group's, which is shown beside it.
func chipName(m game.Member, group string) string {
	name := memberName(m)
	if short := strings.TrimPrefix(name, group+"-"); short != "" {
		return short
	}
	return name
}

// rise places the second and third on either side of the first.
func rise(places []game.Place) []game.Place {
	out := slices.Clone(places)
	if len(out) > 1 {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

// eventKey identifies an event in a list, even after it was amended.
func eventKey(e game.Event) string {
	if e.ID != 0 {
		return "e" + strconv.FormatInt(e.ID, 10)
	}
	return eventsKey([]game.Event{e})
}

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
	case workshop.Queues.Name:
		return "Queues"
	}
	return name
}

type namedSource struct {
	Name string
	game.Source
}

func newestFirst[T any](items []T) []T {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}
