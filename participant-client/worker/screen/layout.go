package screen

// Sizes in cells.
const (
	minWidth  = 60
	minHeight = 12
	wide      = 100 // from this width on, what happened and what was done are side by side
	tall      = 32  // from this height on, figures are written large
)

// A band is a range of the screen's lines; with 0 lines it is not shown.
type band struct{ top, lines int }

// A focus is what the lower part of the screen shows.
type focus int

const (
	onBoard focus = iota // what happened, and what was done
	onHelp               // every key with what it does
	onVote               // the room's question, with its options
)

// pageLines is how many lines a page of help, or a question with its options, needs.
const pageLines = 12

// A layout assigns the screen's lines. It depends only on the size, the focus, the partitions, the workers and whether
// the room is asked.
type layout struct {
	width, height int
	small         bool // nothing but "have and need" fits
	big           bool // large figures
	side          bool // history and done jobs side by side

	title, figures, lanes, workers, message, ask, lower, history, done, help band
}

// newLayout lays out a screen. On a small one the done jobs are dropped first, then the history; what the workers hold
// stays. A page takes the figures' lines as well.
func newLayout(width, height int, f focus, partitions, workers int, asked bool) layout {
	l := layout{width: width, height: height, side: width >= wide, big: width >= wide && height >= tall}
	if width < minWidth || height < minHeight {
		l.small = true
		return l
	}

	figures := 2
	switch {
	case f != onBoard && height < tall:
		figures = 0
	case l.big:
		figures = 6
	case height >= 20:
		figures = 3
	}
	ask := 0
	if asked && f == onBoard {
		ask = min(2, height/10)
	}
	rest := height - 4 - figures - ask // title, message, help
	lanes := min(1+max(partitions, 1), max(rest/3, 2))
	rest -= lanes
	most := rest
	if f != onBoard {
		most = max(rest-pageLines, 3)
	}
	held := min(2+max(workers, 1), most)
	rest -= held

	at := 0
	next := func(lines int) band {
		b := band{at, lines}
		at += lines
		return b
	}
	l.title = next(1)
	l.figures = next(figures)
	l.lanes = next(lanes)
	l.workers = next(held)
	l.message = next(2)
	l.ask = next(ask)
	l.lower = next(rest)
	l.help = band{height - 1, 1}
	l.split()
	return l
}

// split divides the lower part between what happened and what was done.
func (l *layout) split() {
	b := l.lower
	switch {
	case b.lines < 2:
	case l.side:
		l.history = b
		l.done = b
	case b.lines >= 8:
		done := b.lines * 2 / 5
		l.history = band{b.top, b.lines - done}
		l.done = band{b.top + b.lines - done, done}
	default:
		l.history = b
	}
}
