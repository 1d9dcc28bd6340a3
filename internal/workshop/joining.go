package workshop

// Joining is the answer to POST /api/join: all that a client needs to work for its team.
type Joining struct {
	Team        int      `json:"team"`
	Name        string   `json:"name"` // what the board calls the team
	Lesson      string   `json:"lesson"`
	Namespace   string   `json:"namespace"`
	Teams       int      `json:"teams"` // how many there are
	Group       string   `json:"group"`
	Topics      []string `json:"topics"` // the one to read first, then those that the team writes
	Brokers     []string `json:"brokers"`
	Username    string   `json:"username"` // empty for a cluster that asks for no login
	Password    string   `json:"password"`
	SASL        string   `json:"sasl"` // SCRAM-SHA-256, or empty
	TLS         bool     `json:"tls"`
	CA          string   `json:"ca"`          // PEM, empty for an authority that every laptop knows
	Leaderboard string   `json:"leaderboard"` // address of the board
}

// BeingBuilt is a file in the folder of --downloads: the names of clients that are still being built, a line each.
// Whoever fills the folder keeps it; without it, nothing is being built.
const BeingBuilt = ".being-built"
