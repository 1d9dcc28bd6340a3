package tui

// Sizes in cells.
const (
	minWidth = 46
	wide     = 100 // from this width on, timeline and records are side by side
	tall     = 32  // from this height on, figures are written large and lanes have air

	// From this size on, a lane has two lines: the second one shows more about its owner, and its last record.
	roomyWidth  = 160
	roomyHeight = 50

	widestTimeline = 92 // cells; sentences are easier to read in short lines, and records can use the rest
)

// A focus is what the lower part of the screen shows.
type focus int

const (
	onBoard focus = iota // timeline and records
	onTable              // the describe table
	onHelp               // every key with what it does
	onVote               // the room's question, with its options
)

// A band is a range of the screen's lines; with 0 lines it is not shown.
type band struct {
	top   int
	lines int
}

// A layout assigns the screen's lines. It depends only on the size, the focus, the number of lanes and whether the room
// is asked.
type layout struct {
	width, height int
	needW, needH  int
	small         bool // nothing but "have and need" fits

	title, figures, lanes, members, message, ask, lower, help band
	laneLines                                                 int // of each lane
	laneGap                                                   int // empty lines between lanes
	bigFigures                                                bool
	side                                                      bool // timeline and records side by side
	timeline, records                                         band
}

// newLayout lays out a screen, with room for a question if the room is asked one. On a small one the records are
// dropped first, then the timeline, then the figures; the lanes stay. If there are more lanes than lines, the code that
// draws them shows how many are missing.
func newLayout(width, height int, f focus, lanes int, asked bool) layout {
	l := layout{width: width, height: height, needW: minWidth, needH: 5 + min(max(lanes, 1), 5)}
	if width < l.needW || height < l.needH {
		l.small = true
		return l
	}

	lanes = max(lanes, 1)
	rest := height - 2 // title, help
	take := func(lines int) int {
		lines = min(lines, max(rest, 0))
		rest -= lines
		return lines
	}

	members := take(1)
	laneLines := take(min(1+lanes, max(height-5, 2))) // with their header
	message := take(1)
	if height >= 18 {
		message += take(1) // most sentences need two lines
	}
	ask := 0
	if asked && f != onVote {
		ask = take(min(2, height/10))
	}
	if f == onHelp {
		rest += message + ask
		message = 0
		ask = 0
	}

	figures := 0
	l.bigFigures = height >= tall && width >= wide
	switch {
	case f != onBoard && height < tall: // the page needs the lines
		l.bigFigures = false
	case l.bigFigures && rest >= 16:
		figures = take(6)
	case rest >= 6:
		l.bigFigures = false
		figures = take(3)
	default:
		l.bigFigures = false
	}

	if height >= tall && rest >= lanes-1+14 {
		l.laneGap = 1
		laneLines += take(lanes - 1)
	}
	l.laneLines = 1
	if width >= roomyWidth && height >= roomyHeight && rest >= lanes+14 {
		l.laneLines = 2
		laneLines += take(lanes)
	}
	gap := 0 // above the members
	if rest > 12 || (f != onHelp && rest > 3) {
		gap = take(1)
	}
	lower := take(rest)
	if lower < 2 {
		message += lower
		lower = 0
	}
	l.side = width >= wide

	at := 0
	next := func(lines int) band {
		b := band{at, lines}
		at += lines
		return b
	}
	l.title = next(1)
	l.figures = next(figures)
	l.lanes = next(laneLines)
	next(gap)
	l.members = next(members)
	l.message = next(message)
	l.ask = next(ask)
	l.lower = next(lower)
	l.help = band{height - 1, 1}
	if f == onBoard {
		l.split()
	}
	return l
}

// split divides the lower part between timeline and records.
func (l *layout) split() {
	b := l.lower
	switch {
	case l.side:
		l.timeline = b
		l.records = b
	case b.lines >= 7:
		records := min(b.lines*2/5, 8)
		l.timeline = band{b.top, b.lines - records}
		l.records = band{b.top + b.lines - records, records}
	default:
		l.timeline = b
	}
}
