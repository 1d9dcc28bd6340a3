package game

import "kafka-workshop/internal/workshop"

// A View is all that pages and APIs show at one moment. Public differs from Truth while the board is
// frozen. A View is never changed once it was handed on.
type View struct {
	Public     Board
	Truth      Board
	Instructor Instructor
}

// A Board is the JSON of /api/board.
type Board struct {
	Round            int            `json:"round"`
	Lesson           string         `json:"lesson"`
	AsOf             workshop.Time  `json:"as_of"`
	StaleSince       *workshop.Time `json:"stale_since"`
	Frozen           bool           `json:"frozen"`
	Message          string         `json:"message"`
	Topic            string         `json:"topic"`
	Partitions       int            `json:"partitions"`
	RecordsPerSecond float64        `json:"records_per_second"`
	Teams            []Team         `json:"teams"` // in the teams' order; Rank orders them

	Reveal  *Revealing `json:"-"` // how far the reveal is; nil without one
	Load    *LoadFact  `json:"-"` // what the instructor has set
	Stale   []string   `json:"-"` // what is stale, in words: "Kafka does not answer"
	Badges  []Badge    `json:"-"` // that can be earned in this lesson, steps first
	Ticker  []Event    `json:"-"` // the latest of all teams, the newest last
	Evicted int64      `json:"-"`
}

// A Team is one row of the board.
type Team struct {
	Team               int            `json:"team"`
	Name               string         `json:"name"`
	Group              string         `json:"group"`
	Rank               int            `json:"rank"`
	Points             int            `json:"points"`
	Badges             []Earned       `json:"badges"` // in the order of the rules
	State              string         `json:"state"`
	Protocol           *string        `json:"protocol"`
	StaleSince         *workshop.Time `json:"stale_since"`
	Members            []Member       `json:"members"`      // sorted by colour
	MoreMembers        int            `json:"more_members"` // of the group, beside those that are listed
	Lag                *int64         `json:"lag"`
	Committed          []Commit       `json:"committed"`
	ProcessedPerSecond float64        `json:"processed_per_second"`
	Actions            Counts         `json:"actions"`
	Precision          *float64       `json:"precision"`
	Recall             *float64       `json:"recall"`

	// Version grows whenever anything of the team but its ticking figures (lag, committed, rates,
	// counts) changes; Ticks grows when those change.
	Version  uint64      `json:"-"`
	Ticks    uint64      `json:"-"`
	Events   []Event     `json:"-"` // the newest last, up to 200
	Rejected []Rejection `json:"-"` // the newest last, up to 50
	Says     Says        `json:"-"`
	Moving   []int32     `json:"-"` // partitions that a rebalance stops, or moves
	Turn     bool        `json:"-"` // the reveal is at this team
	Notes    []string    `json:"-"` // why the row is not what the team expects, and what to do
}

// Says is what a team's client says of itself: shown, never believed.
type Says struct {
	Processed int64 `json:"processed"`
	Flagged   int64 `json:"flagged"`
}

// TeamDetail is the JSON of /api/teams/N.
type TeamDetail struct {
	Team
	Events   []Event     `json:"events"`
	Rejected []Rejection `json:"rejected"`
}

// Earned is a badge that a team has.
type Earned struct {
	Badge    string        `json:"badge"`
	Icon     string        `json:"icon"`
	EarnedAt workshop.Time `json:"earned_at"`
	First    bool          `json:"first"`
}

// A Member is one member of a team's group.
type Member struct {
	MemberID   string  `json:"member_id"`
	ClientID   string  `json:"client_id"`
	Host       string  `json:"host"`
	Colour     int     `json:"colour"` // 0 to 7: the lowest free when it was first seen
	Partitions []int32 `json:"partitions"`
}

// A Commit is the committed offset of one partition beside its log end offset.
type Commit struct {
	Partition int32  `json:"partition"`
	Committed *int64 `json:"committed"` // the next to read; null for no commit yet
	End       int64  `json:"end"`
	Start     int64  `json:"-"` // of the log: below it there is nothing to read
}

// Lag is how many records there are to read; nil for no commit yet.
func (c Commit) Lag() *int64 {
	if c.Committed == nil {
		return nil
	}
	lag := max(c.End-max(*c.Committed, c.Start), 0)
	return &lag
}

// Counts are a team's actions of this round.
type Counts struct {
	Accepted     int64 `json:"accepted"`
	Rejected     int64 `json:"rejected"`
	Duplicate    int64 `json:"duplicate"`
	Unverifiable int64 `json:"unverifiable"`
	Earlier      int64 `json:"earlier"` // about users from before the round: neither counted nor blamed
}

// An Event is one line of a team's timeline and, for the notable ones, of the ticker.
type Event struct {
	At      workshop.Time `json:"at"`
	Team    int           `json:"team"`
	Kind    string        `json:"kind"` // join, leave, timeout, gone, rebalance, badge, instructor
	Text    string        `json:"text"` // "B left, and handed P3 P4 over at once"
	PauseMS *int64        `json:"pause_ms,omitempty"`
	Badge   string        `json:"badge,omitempty"`
	Fact    Fact          `json:"-"` // what Kind and Text follow from; nil once it was stored
	Ticker  bool          `json:"-"` // shown on the board's ticker
	ID      int64         `json:"-"` // ascending; a later Event of the same ID replaces the earlier
}

// Help says that a team needs the instructor, since when, and what to tell it.
type Help struct {
	Team  int           `json:"team"`
	Kind  string        `json:"kind"`
	Since workshop.Time `json:"since"`
	Text  string        `json:"text"` // what is wrong
	Tell  string        `json:"tell"` // what to tell them
}

// Instructor is what only the instructor sees.
type Instructor struct {
	Help      []Help     `json:"help"` // the oldest first
	Strangers []Stranger `json:"strangers"`
	Log       []Event    `json:"log"` // of all teams, the newest last, up to 500
	Kafka     Source     `json:"kafka"`
	Postgres  Source     `json:"postgres"`
	Scoring   Source     `json:"scoring"`
	Behind    int64      `json:"behind"` // records that scoring has yet to read
	SweepMS   float64    `json:"sweep_ms"`
	Holder    string     `json:"holder"` // who holds the lock
	Reveal    *Revealing `json:"reveal"`
}

// A Source is the state of something that the leaderboard depends on.
type Source struct {
	OK    bool           `json:"ok"`
	Since *workshop.Time `json:"since"` // not ok since
	Error string         `json:"error"`
}
