package board

import "time"

// Heights in pixels. strip.css has the same ones, so that a growing strip moves nothing below it.
const (
	stripLanePX   = 24
	compactLanePX = 16
	stripMarksPX  = 34
	stripAxisPX   = 24
)

func (s strip) rowPX() int {
	if s.Compact {
		return compactLanePX
	}
	return stripLanePX
}

// Top returns where the lanes begin, below the badges.
func (s strip) Top() int {
	if s.Compact {
		return 0
	}
	return stripMarksPX
}

func (s strip) Units() int       { return len(s.Rows) * stripRow }
func (s strip) LanesHeight() int { return len(s.Rows) * s.rowPX() }
func (s strip) LanesBottom() int { return s.Top() + s.LanesHeight() }
func (s strip) TickBottom() int  { return s.LanesBottom() + 6 }
func (s strip) AxisTop() int     { return s.LanesBottom() + 19 }
func (s strip) MarkBottom() int  { return stripMarksPX - 2 }
func (s strip) Middle() int      { return s.Top() + s.LanesHeight()/2 + 5 }

// Height returns the height of the whole drawing.
func (s strip) Height() int {
	if s.Compact {
		return s.LanesHeight()
	}
	return s.LanesBottom() + stripAxisPX
}

// LaneHeight returns the height of a lane without the gap to the next one.
func (s strip) LaneHeight() float64 { return float64(s.rowPX()) * .86 }

// RowTop returns where a lane begins.
func (s strip) RowTop(row int32) float64 {
	return float64(s.Top()) + float64(int(row)*s.rowPX()) + float64(s.rowPX())*.07
}

// TextTop returns the base line of a lane's letter.
func (s strip) TextTop(row int32) int { return s.Top() + int(row)*s.rowPX() + s.rowPX()*3/4 - 1 }

// Label returns the tick's time in the server's zone. The page's script converts it to the viewer's.
func (t stripTick) Label() string {
	if t.Seconds {
		return t.At.Local().Format(time.TimeOnly)
	}
	return t.At.Local().Format("15:04")
}
