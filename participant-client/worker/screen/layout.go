package screen

// Sizes in cells.
const (
	minWidth  = 60
	minHeight = 12
	wide      = 100 // from this width on, what happened and what was done stand side by side
	tall      = 32  // from this height on, figures are written large
)

// A band is a range of the screen's lines; with 0 lines it is not shown.
type band struct{ top, lines int }

// A layout assigns the screen's lines. It depends on the size, the partitions and the workers alone.
type layout struct {
	width, height int
	small         bool // nothing but "have and need" fits
	big           bool // large figures
	side          bool // history and done jobs side by side

	title, figures, lanes, workers, message, history, done, help band
}

// newLayout lays out a screen. On a small one the done jobs go first, then the history; what the workers hold stays.
func newLayout(width, height, partitions, workers int) layout {
	l := layout{width: width, height: height, side: width >= wide, big: width >= wide && height >= tall}
	if width < minWidth || height < minHeight {
		l.small = true
		return l
	}

	figures := 2
	switch {
	case l.big:
		figures = 6
	case height >= 20:
		figures = 3
	}
	rest := height - 4 - figures // title, message, help
	lanes := min(1+max(partitions, 1), max(rest/3, 2))
	rest -= lanes
	held := min(2+max(workers, 1), rest)
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
	switch {
	case rest < 2:
	case l.side:
		l.history = next(rest)
		l.done = l.history
	case rest >= 8:
		l.history = next(rest - rest*2/5)
		l.done = next(rest * 2 / 5)
	default:
		l.history = next(rest)
	}
	l.help = band{height - 1, 1}
	return l
}
