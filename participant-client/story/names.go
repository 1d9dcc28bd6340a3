package story

import (
	"regexp"
	"slices"
	"strings"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"

	"github.com/charmbracelet/x/ansi"
)

// A namer makes the short names of colleagues' members. A client ID of ours is team-7-laptop-4711-1: team, host, process and
// number of the member. The team is the same for all, and the host for those of this machine, so the name omits them.
type namer struct {
	prefixes []string // with the team, or the group
	here     []string // with the host of this process, too
}

func newNamer(cfg Config) namer {
	n := namer{prefixes: []string{cfg.Group + "-"}}
	if cfg.Team > 0 {
		n.prefixes = append(n.prefixes, workshop.TeamID(cfg.Team)+"-") // which differs from the group's in some lessons
	}
	if cfg.Host != "" {
		for _, prefix := range n.prefixes {
			n.here = append(n.here, prefix+cfg.Host+"-")
		}
	}
	return n
}

// processAndNumber matches the end of our client IDs.
var processAndNumber = regexp.MustCompile(`^\d+-\d+$`)

// name returns the short name of a colleague's member, whose client ID may be any text.
func (n namer) name(m group.Member) string {
	for _, prefix := range n.here {
		if rest, ok := strings.CutPrefix(m.ClientID, prefix); ok && processAndNumber.MatchString(rest) {
			return rest
		}
	}

	for _, prefix := range n.prefixes {
		if rest, ok := strings.CutPrefix(m.ClientID, prefix); ok {
			return visibleName(rest)
		}
	}
	return visibleName(m.ClientID)
}

func visibleName(text string) string {
	if name := Clean(text); workshop.HasVisible(name) {
		return name
	}
	return "no name"
}

// distinctEnd matches the part of a name that distinguishes members of one host.
var distinctEnd = regexp.MustCompile(`((-\d+)?-| )\d+$`)

// Shorten cuts a name to a width in cells, and keeps its end with the process and the number of the member.
func Shorten(name string, width int) string {
	if ansi.StringWidth(name) <= width {
		return name
	}

	end := distinctEnd.FindString(name) // digits: a byte is a cell
	room := width - len(end)
	switch {
	case end == "":
		return ansi.Truncate(name, width, "…")
	case room < 2:
		return "…" + end[len(end)-max(width-1, 0):]
	}
	return ansi.Truncate(strings.TrimSuffix(name, end), room, "…") + end
}

// colourNames limits how many former members keep their colour, for later sentences about them.
const colourNames = 200

// rememberColours stores the members' colours beyond their time in the group.
func (m *memory) rememberColours(actors []Actor) {
	if len(m.shown) > colourNames {
		clear(m.shown)
	}
	for _, a := range actors {
		m.shown[a.key()] = a.Colour
	}
}

// Colour returns the colour of the member that a sentence is about; false if it is about none, or about several.
func (s *Story) Colour(said Sentence) (int, bool) {
	who := Actor{ID: said.MemberID, Instance: said.Instance}
	colour, ok := s.memory.shown[who.key()]
	return colour, ok && who.key() != ""
}

// idOf returns the ID of a colleague's member by its name on the screen; empty if there is none, or more than one.
func (s *Scene) idOf(name string) string {
	named := func(a Actor) bool { return a.Instance == 0 && a.Name == name }
	i := slices.IndexFunc(s.Members, named)
	if i < 0 || slices.ContainsFunc(s.Members[i+1:], named) {
		return ""
	}
	return s.Members[i].ID
}
