// Package look is what board, panel, team page and terminal share of the product's looks: owners' colours with their
// signs, badges as drawings and emoji, and the base stylesheet and script. It decides how things look and not what is
// shown.
package look

import _ "embed"

// CSS is the base stylesheet of every page: colours for dark and light, type sizes, focus, lanes.
//
//go:embed look.css
var CSS string

// JS is the base script of every page: how times and numbers are written, and how a page stays up to date.
//
//go:embed look.js
var JS string

// An Owner is how one member of a group is drawn everywhere: by colour, and by sign for people who cannot tell the
// colour.
type Owner struct {
	Sign string // A to H
	Hex  string // fill of a lane's cell
	Ink  string // text on the fill, contrast 4.5:1 or more
}

// Owners are eight colours that the colour-blind can tell apart (Okabe and Ito 2008; their black is
// a light grey here, for dark pages), in the order of the contract's colour 0 to 7.
var Owners = [8]Owner{
	{"A", "#56b4e9", "#0b0d10"},
	{"B", "#e69f00", "#0b0d10"},
	{"C", "#009e73", "#0b0d10"},
	{"D", "#f0e442", "#0b0d10"},
	{"E", "#cc79a7", "#0b0d10"},
	{"F", "#d55e00", "#0b0d10"},
	{"G", "#0072b2", "#ffffff"},
	{"H", "#b9bec6", "#0b0d10"},
}

// OwnerOf returns the look of a contract colour; numbers beyond 7 repeat.
func OwnerOf(colour int) Owner { return Owners[((colour%8)+8)%8] }
