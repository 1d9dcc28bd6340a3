package game

import (
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"
)

// badgeWon reports that a team earned a badge.
type badgeWon struct {
	Name  string // the team's
	Badge string
	First bool
	How   string // in a few words: "3 + 2"; may be empty
}

func (badgeWon) kind() string { return KindBadge }

// text returns a line of the ticker: "team-7 is the first to scale: 3 + 2".
func (f badgeWon) text() string {
	text := f.Name + " " + deeds[f.Badge][0]
	if f.First {
		text = f.Name + " is the first to " + deeds[f.Badge][1]
	}
	if f.How != "" {
		text += ": " + f.How
	}
	return text
}

// deeds describe what a team did for a badge: "team-7 scales", "is the first to scale".
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
	Foresight:      {"has foresight", "have foresight"},
	Crew:           {"has a crew", "have a crew"},
	Redelivered:    {"gets a lost worker's records done", "get a lost worker's records done"},
	Poison:         {"handles poison", "handle poison"},
	Remembers:      {"remembers its counts", "remember its counts"},
}

// badgeRevealed is a step of a reveal.
type badgeRevealed struct {
	Name    string // the team's
	Badge   string
	Removed bool // the instructor removed the badge during the freeze
	Points  int
	From    int // rank before the step
	Rank    int // rank after it
}

func (badgeRevealed) kind() string { return KindBadge }

func (f badgeRevealed) text() string {
	verb := "has"
	if f.Removed {
		verb = "loses"
	}
	text := fmt.Sprintf("%s %s %s: %d points", f.Name, verb, badgeName(f.Badge), f.Points)
	if f.Rank != f.From {
		text += fmt.Sprintf(", from rank %d to %d", f.From, f.Rank)
	}
	return text
}

// What the instructor did, and notes to the instructor.
type (
	roundBegan      struct{ Round int }
	boardFrozen     struct{}
	revealBegan     struct{}
	scoreRevealed   struct{} // the freeze ended
	podiumDismissed struct{}
	messageChanged  struct{ Text string } // empty: the message was removed
	teamRenamed     struct{ From, To string }
	badgeRemoved    struct{ Name, Badge string }
	topicRecreated  struct{ Topic string }
	stepBegan       struct {
		Number int
		Title  string
	}
	stepExtended struct {
		Number int
		By     time.Duration
	}
	spotlightMoved struct {
		To   workshop.Spotlight
		Name string // the team's
	}
	note struct{ Text string } // from outside the game: a command on Kafka, or scoring
)

func (roundBegan) kind() string      { return KindInstructor }
func (stepBegan) kind() string       { return KindInstructor }
func (stepExtended) kind() string    { return KindInstructor }
func (spotlightMoved) kind() string  { return KindInstructor }
func (boardFrozen) kind() string     { return KindInstructor }
func (revealBegan) kind() string     { return KindInstructor }
func (scoreRevealed) kind() string   { return KindInstructor }
func (podiumDismissed) kind() string { return KindInstructor }
func (messageChanged) kind() string  { return KindInstructor }
func (teamRenamed) kind() string     { return KindInstructor }
func (badgeRemoved) kind() string    { return KindInstructor }
func (topicRecreated) kind() string  { return KindInstructor }
func (note) kind() string            { return KindInstructor }

func (f roundBegan) text() string    { return fmt.Sprintf("round %d begins", f.Round) }
func (boardFrozen) text() string     { return "the board is frozen" }
func (revealBegan) text() string     { return "the reveal begins" }
func (scoreRevealed) text() string   { return "the score is revealed" }
func (podiumDismissed) text() string { return "the podium is dismissed" }
func (f teamRenamed) text() string   { return f.From + " is now " + f.To }
func (f badgeRemoved) text() string  { return f.Name + " loses " + badgeName(f.Badge) }
func (f note) text() string          { return f.Text }

func (f topicRecreated) text() string {
	return f.Topic + " was deleted and created again: offsets start at 0"
}

func (f messageChanged) text() string {
	if f.Text == "" {
		return "message removed"
	}
	return "message: " + f.Text
}

func (f stepBegan) text() string { return fmt.Sprintf("step %d began: %s", f.Number, f.Title) }

func (f stepExtended) text() string {
	if f.By < 0 {
		return fmt.Sprintf("step %d is %s shorter", f.Number, -f.By)
	}
	return fmt.Sprintf("step %d is %s longer", f.Number, f.By)
}

func (f spotlightMoved) text() string {
	switch f.To {
	case workshop.SpotlightNone:
		return "the spotlight is off"
	case workshop.SpotlightAuto:
		return "the spotlight moves by itself"
	}
	return "the spotlight is on " + f.Name
}

// What happened to a prediction.
type (
	predictionOpened    struct{ Question string }
	predictionAgain     struct{}
	predictionClosed    struct{ Votes int }
	predictionCancelled struct{ Why string }
	predictionAnswered  struct{ Option, Because string }
)

func (predictionOpened) kind() string    { return KindPrediction }
func (predictionAgain) kind() string     { return KindPrediction }
func (predictionClosed) kind() string    { return KindPrediction }
func (predictionCancelled) kind() string { return KindPrediction }
func (predictionAnswered) kind() string  { return KindPrediction }

func (f predictionOpened) text() string { return "the room is asked: " + f.Question }
func (predictionAgain) text() string    { return "the room votes again" }
func (f predictionClosed) text() string {
	return fmt.Sprintf("the vote is closed: %s", countOf(f.Votes, "vote"))
}
func (f predictionCancelled) text() string { return "no answer: " + f.Why }
func (f predictionAnswered) text() string  { return "the answer: " + f.Option + ". " + f.Because }
