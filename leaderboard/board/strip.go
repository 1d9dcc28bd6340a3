package board

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/leaderboard/game"
)

const (
	stripUnits    = 10_000          // the drawing's width
	stripRow      = 100             // the height of a row in the drawing
	thinnest      = 10              // units: a shorter span is drawn this wide, and its neighbours in the same place are not drawn
	stripLeast    = time.Minute     // the shortest time that a whole strip shows
	compactWindow = 3 * time.Minute // what a compact strip shows
	mostTicks     = 6
	letterFits    = 220 // units: the least width for a letter, on a wide page
	letterRoom    = 750 // units: the same on a phone
	markApart     = 480 // units, between two badges
)

// A strip draws the lanes over time, for the template "strip". It shows the spans up to a moment; on a page with events, the
// page's script moves the end along.
type strip struct {
	ID      string // prefix of the IDs in it
	Compact bool   // the last minutes, without badges and axis
	Live    bool   // the round has not ended
	Label   string // a description, for screen readers
	Rows    []int32

	From   time.Time
	Until  time.Time
	Window time.Duration // the time that the width represents

	Shapes  []stripShape
	Stripes string // the outline of the moving spans, in a box of 1 by 1
	Lasting []stripLane
	Letters []stripLetter
	Marks   []stripMark
	Ticks   []stripTick
	Empty   bool
	Full    bool // later changes were not recorded
}

// A stripShape is all spans that look alike.
type stripShape struct{ Class, Path string }

// A stripLane is a lasting span.
type stripLane struct {
	Row    int32
	Class  string
	Since  int64   // in Unix milliseconds
	X, W   percent // W extends to Until
	Moving bool
	Silent bool
}

type stripLetter struct {
	Row  int32
	X    percent
	Text string
	Ink  string // the class of its colour
	Slim bool   // there is no room for it on a phone
}

type stripMark struct {
	X, Icon percent // of the moment, and of the badge beside it
	Badge   string
	Name    string
}

type stripTick struct {
	X       percent
	At      time.Time
	Seconds bool
}

// percent is a share of the width.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 2, 64) + "%" }

// wholeStrip draws a team's part of a round, beginning with its first member.
func wholeStrip(t game.TeamRecord, r game.Record, names []game.Badge) strip {
	spans := t.History.All()
	from := r.Until.Time
	for _, s := range spans {
		if s.From.Before(from) {
			from = s.From.Time
		}
	}
	s := newStrip("strip", spans, r.Partitions, from, r.Until.Time, max(r.Until.Sub(from), stripLeast))
	s.Live = !r.Ended
	s.Full = t.History.Full()
	s.drawMarks(t.Awards, names)
	s.drawTicks()
	f := t.History.Figures(r.Until.Time)
	s.Label = fmt.Sprintf("Lanes over %s: %d changes of owner, %d rebalances, %.0f lane-seconds of silence.", inWords(s.Until.Sub(s.From)), f.Changes, f.Rebalances, f.Silent.Seconds())
	if s.Empty {
		s.Label = "No member has joined in this round."
	}
	return s
}

// compactStrip draws the last minutes of a team's lanes. id must be unique on the page.
func compactStrip(id string, t game.Team, partitions int, until time.Time) strip {
	from := until.Add(-compactWindow)
	var spans []game.Span
	for _, s := range slices.Backward(t.History.Ended) { // by their end: earlier ones are older still
		if !s.To.After(from) {
			break
		}
		spans = append(spans, s)
	}
	slices.Reverse(spans)
	spans = append(spans, t.History.Lasting...)

	s := newStrip(id, spans, partitions, from, until, compactWindow)
	s.Compact, s.Live = true, true
	f := game.History{Ended: spans}.Figures(until)
	s.Label = fmt.Sprintf("Lanes over the last %s: %d changes of owner, %d rebalances.", inWords(compactWindow), f.Changes, f.Rebalances)
	return s
}

func newStrip(id string, spans []game.Span, partitions int, from, until time.Time, window time.Duration) strip {
	s := strip{ID: id, From: from, Until: until, Window: window, Empty: len(spans) == 0}
	for p := range int32(max(partitions, 1)) {
		s.Rows = append(s.Rows, p)
	}
	s.drawSpans(spans)
	return s
}

// units returns the position of a moment.
func (s *strip) units(at time.Time) int {
	return min(max(int(math.Round(float64(at.Sub(s.From))/float64(s.Window)*stripUnits)), 0), stripUnits)
}

func (s *strip) percent(units int) percent { return percent(float64(units) * 100 / stripUnits) }

func (s *strip) drawSpans(spans []game.Span) {
	paths := map[string]*strings.Builder{}
	to := func(class string) *strings.Builder {
		if paths[class] == nil {
			paths[class] = &strings.Builder{}
		}
		return paths[class]
	}
	var stripes strings.Builder
	drawn := map[drawnLane]int{} // up to where, by lane and state

	for _, span := range spans {
		if int(span.Partition) >= len(s.Rows) || (span.To != nil && !span.To.After(s.From)) {
			continue
		}
		x, end := s.units(span.From.Time), s.units(s.Until)
		if span.To != nil {
			end = s.units(span.To.Time)
		}
		width := max(end-x, thinnest)
		s.addLetter(span, x, width)
		if span.To == nil {
			s.addLasting(span, x, width)
			continue
		}

		lane := drawnLane{span.Partition, span.State}
		if at, ok := drawn[lane]; ok && x+thinnest/2 < at {
			continue // it would cover the previous shape there
		}
		drawn[lane] = x + width
		y := int(span.Partition)*stripRow + 7
		fmt.Fprintf(to(stripClass(span)), "M%d %dh%dv86h-%dz", x, y, width, width)
		switch span.State {
		case game.LaneSilent:
			fmt.Fprintf(to("silence"), "M%d %dh%d", x, y+43, width)
		case game.LaneMoving:
			rows := float64(len(s.Rows) * stripRow)
			fmt.Fprintf(&stripes, "M%.4f %.4fh%.4fv%.4fh-%.4fz", float64(x)/stripUnits, float64(y)/rows, float64(width)/stripUnits, 86/rows, float64(width)/stripUnits)
		}
	}

	for class, path := range paths {
		s.Shapes = append(s.Shapes, stripShape{class, path.String()})
	}
	slices.SortFunc(s.Shapes, func(a, b stripShape) int { return strings.Compare(a.Class, b.Class) }) // silence last, on top of its lanes
	s.Stripes = stripes.String()
}

type drawnLane struct {
	partition int32
	state     string
}

// stripClass returns a span's appearance: the colour of its owner, dimmed while the owner is silent.
func stripClass(s game.Span) string {
	if s.Owner == nil {
		return "free"
	}
	class := "c" + strconv.Itoa(((s.Colour%8)+8)%8)
	if s.State == game.LaneSilent {
		class += " dim"
	}
	return class
}

func (s *strip) addLetter(span game.Span, x, width int) {
	if span.Owner == nil || width < letterFits || span.State == game.LaneMoving {
		return
	}
	ink := stripClass(span)
	s.Letters = append(s.Letters, stripLetter{span.Partition, s.percent(x), sign(span.Colour), ink, width < letterRoom})
}

func (s *strip) addLasting(span game.Span, x, width int) {
	s.Lasting = append(s.Lasting, stripLane{
		Row: span.Partition, Class: stripClass(span), Since: span.From.UnixMilli(), X: s.percent(x), W: s.percent(width),
		Moving: span.State == game.LaneMoving, Silent: span.State == game.LaneSilent,
	})
}

// drawMarks places the badges. Those earned together are placed side by side.
func (s *strip) drawMarks(awards []game.Award, names []game.Badge) {
	var at []int
	for _, a := range awards {
		i := slices.IndexFunc(names, func(b game.Badge) bool { return b.ID == a.Badge })
		if a.Removed != nil || i < 0 || a.At.Before(s.From) {
			continue
		}
		x := s.units(a.At)
		s.Marks = append(s.Marks, stripMark{X: s.percent(x), Badge: a.Badge, Name: names[i].Name})
		if n := len(at); n > 0 {
			x = max(x, at[n-1]+markApart)
		}
		at = append(at, x)
	}

	most := stripUnits - markApart
	for i := range slices.Backward(at) {
		at[i] = min(at[i], most)
		most = at[i] - markApart
		s.Marks[i].Icon = s.percent(max(at[i], 0))
	}
}

// stepsOfAxis are the possible distances between an axis's ticks.
var stepsOfAxis = []time.Duration{
	10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

func (s *strip) drawTicks() {
	if s.Empty {
		return
	}
	step := 7 * 24 * time.Hour
	for _, d := range stepsOfAxis {
		if s.Window/d < mostTicks {
			step = d
			break
		}
	}
	for at := s.From.Truncate(step); at.Before(s.From.Add(s.Window)); at = at.Add(step) {
		x := s.units(at)
		if at.Before(s.From) || x < 300 || x > stripUnits-300 { // its text would not fit
			continue
		}
		s.Ticks = append(s.Ticks, stripTick{s.percent(x), at, step < time.Minute})
	}
}

// inWords formats a duration: "40 s", "20 min", "2 h 5 min".
func inWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case int(d.Minutes())%60 == 0:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// spansKey changes when a lane changes owner or state.
func spansKey(h game.History) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(h.Ended)))
	if n := len(h.Ended); n > 0 {
		fmt.Fprint(&b, " ", h.Ended[n-1].To.UnixMilli())
	}
	for _, s := range h.Lasting {
		fmt.Fprint(&b, " ", s.Partition, s.State, s.From.UnixMilli())
	}
	return b.String()
}
