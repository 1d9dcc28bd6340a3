package game

import "kafka-workshop/internal/workshop"

// A View is everything that pages and APIs show at one moment. Public differs from Truth while the board is frozen. A View is
// never modified after it is published.
type View struct {
	Public     Board
	Truth      Board
	Instructor Instructor
	Term       int64 // of the lease on the room; 0 while this leaderboard does not hold it
}

// A Board is the JSON of /api/board. The fields without a JSON name are for the pages.
type Board struct {
	Round            int              `json:"round"`
	Lesson           string           `json:"lesson"`
	AsOf             workshop.Time    `json:"as_of"`
	StaleSince       *workshop.Time   `json:"stale_since"`
	Frozen           bool             `json:"frozen"`
	Message          string           `json:"message"`
	Topic            string           `json:"topic"`
	Partitions       int              `json:"partitions"`
	RecordsPerSecond float64          `json:"records_per_second"`
	Step             *StepProgress    `json:"step"`  // of the run sheet; null before the first
	Teams            []Team           `json:"teams"` // by number; the short fields come before it
	TopicPartitions  []TopicPartition `json:"topic_partitions"`
	Prediction       *PredictionView  `json:"-"` // of /api/prediction; nil for none

	Predictions []Prediction    `json:"-"` // of this round, the oldest first
	Began       workshop.Time   `json:"-"` // when the round began; zero before the first
	Reveal      *RevealProgress `json:"-"` // nil without a reveal
	Load        *LoadFact       `json:"-"` // set by the instructor; nil if unknown
	Stale       []string        `json:"-"` // descriptions of what is stale: "Kafka does not answer"
	Badges      []Badge         `json:"-"` // of this lesson, the four steps first
	Ticker      []Event         `json:"-"` // the latest events of all teams, the newest last
	Evicted     int64           `json:"-"` // users that scoring has evicted from its index
	Spotlight   int             `json:"-"` // the team that is shown large; 0 for none
	Podium      *Podium         `json:"-"` // nil unless one is shown
}

// A Team is one row of the board. The fields without a JSON name are for the pages and for TeamDetail.
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
	Members            []Member       `json:"members"`      // by colour
	MoreMembers        int            `json:"more_members"` // number of members that are not listed
	Lag                *int64         `json:"lag"`
	Committed          []Commit       `json:"committed"`
	Lanes              []Lane         `json:"lanes"`            // one per partition of the topic
	Workers            []Worker       `json:"workers,omitzero"` // in the queues lesson: the members, which own no lanes
	Beside             *Beside        `json:"beside,omitempty"` // in the queues lesson: the team's consumer group on the same topic
	ProcessedPerSecond float64        `json:"processed_per_second"`
	Actions            Counts         `json:"actions"`
	Precision          *float64       `json:"precision"`
	Recall             *float64       `json:"recall"`

	Events   []Event     `json:"-"` // the newest last, up to 200
	Rejected []Rejection `json:"-"` // the newest last, up to 50
	History  History     `json:"-"` // of this round
	Awards   []Award     `json:"-"` // of this round, by time, with their evidence, including removed ones
	Reported Reported    `json:"-"`
	Moving   []int32     `json:"-"` // partitions that a rebalance pauses or moves
	Turn     bool        `json:"-"` // the reveal's current step is about this team
	Notes    []string    `json:"-"` // why the row is not what the team expects, and what to do
}

// Reported holds counts that a team's client reports about itself. They are shown but never used for scoring.
type Reported struct {
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
	Colour     int     `json:"colour"` // 0 to 7: the lowest that was free when the member was first seen
	Partitions []int32 `json:"partitions"`
}

// A Commit is the committed offset of a partition and its log end offset.
type Commit struct {
	Partition int32  `json:"partition"`
	Committed *int64 `json:"committed"` // the next record to read; null without a commit
	End       int64  `json:"end"`
	Start     int64  `json:"-"` // the log start offset
}

// Lag returns how many records there are to read, or nil without a commit.
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
	Earlier      int64 `json:"earlier"` // about users from before the round: neither right nor wrong
}

// Help says that a team needs the instructor, since when, and what to advise the team.
type Help struct {
	Team   int           `json:"team"`
	Kind   string        `json:"kind"`
	Since  workshop.Time `json:"since"`
	Text   string        `json:"text"` // what is wrong
	Advice string        `json:"tell"` // what the team can do
}

// Instructor is what only the instructor sees.
type Instructor struct {
	Help      []Help             `json:"help"` // the oldest first
	Strangers []Stranger         `json:"strangers"`
	Log       []Event            `json:"log"` // of all teams, the newest last, up to 500
	Kafka     Source             `json:"kafka"`
	Postgres  Source             `json:"postgres"`
	Scoring   Source             `json:"scoring"`
	Behind    int64              `json:"behind"` // produced records that are not scored yet
	SweepMS   float64            `json:"sweep_ms"`
	Holder    string             `json:"holder"` // of the room's lock
	Reveal    *RevealProgress    `json:"reveal"`
	Stillness []Stillness        `json:"stillness"` // of this round, by assignor
	Belief    *Belief            `json:"belief"`    // the false belief that most held in this round; null for none
	Sheet     SheetProgress      `json:"-"`
	Spotlight workshop.Spotlight `json:"spotlight"` // as set; 0 for none
}

// A Source is the state of a system that the leaderboard depends on.
type Source struct {
	OK    bool           `json:"ok"`
	Since *workshop.Time `json:"since"` // since when it is not OK
	Error string         `json:"error"`
}
