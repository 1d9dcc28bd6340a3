package workshop

// Joining is the response to POST /api/join: everything that a client needs to join its team.
type Joining struct {
	Team        int      `json:"team"`
	Name        string   `json:"name"` // the team's name on the board
	Lesson      string   `json:"lesson"`
	Namespace   string   `json:"namespace"`
	Teams       int      `json:"teams"` // the number of teams
	Group       string   `json:"group"`
	Topics      []string `json:"topics"` // the lesson's topic first, then those that the team writes
	Brokers     []string `json:"brokers"`
	Username    string   `json:"username"` // empty for a cluster without logins
	Password    string   `json:"password"`
	SASL        string   `json:"sasl"` // SCRAM-SHA-256, or empty
	TLS         bool     `json:"tls"`
	CA          string   `json:"ca"`          // PEM; empty for a CA that every laptop trusts
	Leaderboard string   `json:"leaderboard"` // address of the board
}

// BeingBuilt is the name of a file in the folder of --downloads. It lists the clients that are still being built,
// one per line. The program that builds them maintains it, and deletes it at the end.
const BeingBuilt = ".being-built"
