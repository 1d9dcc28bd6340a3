package game

import "fmt"

// Won is a badge that a team earned.
type Won struct {
	Name  string // the team's
	Badge string
	First bool
	How   string // in a few words: "3 + 2"; may be empty
}

func (Won) kind() string { return BadgeKind }

// text is the ticker's line: "team-7 is the first to scale: 3 + 2".
func (f Won) text() string {
	text := f.Name + " " + deeds[f.Badge][0]
	if f.First {
		text = f.Name + " is the first to " + deeds[f.Badge][1]
	}
	if f.How != "" {
		text += ": " + f.How
	}
	return text
}

var deeds = map[string][2]string{
	Connected:      {"connects", "connect"},
	FirstLoad:      {"delivers its first load", "deliver a load"},
	Scaled:         {"scales", "scale"},
	StatsPublished: {"publishes its stats", "publish its stats"},
	FaultTolerant:  {"survives the loss of a member", "survive the loss of a member"},
	FullHouse:      {"has a full house", "have a full house"},
	Spare:          {"keeps a spare", "keep a spare"},
	LagBuster:      {"busts its lag", "bust its lag"},
	Sharpshooter:   {"is a sharpshooter", "be a sharpshooter"},
}

// Revealed is a step of a reveal.
type Revealed struct {
	Name   string // the team's
	Badge  string
	Taken  bool // back
	Points int
	From   int // rank
	Rank   int
}

func (Revealed) kind() string { return BadgeKind }

func (f Revealed) text() string {
	text := fmt.Sprintf("%s has %s: %d points", f.Name, badgeName(f.Badge), f.Points)
	if f.Taken {
		text = fmt.Sprintf("%s gives %s back: %d points", f.Name, badgeName(f.Badge), f.Points)
	}
	if f.Rank != f.From {
		text += fmt.Sprintf(", from rank %d to %d", f.From, f.Rank)
	}
	return text
}

func badgeName(id string) string {
	if i := place(id); i >= 0 {
		return badges[i].Name
	}
	return id
}

// What the instructor did, and what the instructor is told.
type (
	// RoundBegan is the beginning of a round.
	RoundBegan struct{ Round int }
	// BoardFrozen hides the score from here on.
	BoardFrozen struct{}
	// RevealBegan is before the first step.
	RevealBegan struct{}
	// ScoreRevealed ends the freeze.
	ScoreRevealed struct{}
	// BoardSays is the line on the board; empty when it is taken away.
	BoardSays struct{ Text string }
	// TeamRenamed gives a team another name.
	TeamRenamed struct{ From, To string }
	// BadgeTaken takes a badge back.
	BadgeTaken struct{ Name, Badge string }
	// TopicMadeAnew is the lesson's topic, deleted and made again.
	TopicMadeAnew struct{ Topic string }
	// Noted is an act that was done elsewhere, or what scoring found.
	Noted struct{ Text string }
)

func (RoundBegan) kind() string    { return Instructed }
func (BoardFrozen) kind() string   { return Instructed }
func (RevealBegan) kind() string   { return Instructed }
func (ScoreRevealed) kind() string { return Instructed }
func (BoardSays) kind() string     { return Instructed }
func (TeamRenamed) kind() string   { return Instructed }
func (BadgeTaken) kind() string    { return Instructed }
func (TopicMadeAnew) kind() string { return Instructed }
func (Noted) kind() string         { return Instructed }

func (f RoundBegan) text() string  { return fmt.Sprintf("round %d begins", f.Round) }
func (BoardFrozen) text() string   { return "the board is frozen" }
func (RevealBegan) text() string   { return "the reveal begins" }
func (ScoreRevealed) text() string { return "the score is revealed" }
func (f TeamRenamed) text() string { return f.From + " is now " + f.To }
func (f BadgeTaken) text() string  { return f.Name + " gives " + badgeName(f.Badge) + " back" }
func (f TopicMadeAnew) text() string {
	return f.Topic + " was made anew: offsets count from 0"
}
func (f Noted) text() string { return f.Text }

func (f BoardSays) text() string {
	if f.Text == "" {
		return "the line on the board is taken away"
	}
	return "the board says: " + f.Text
}
