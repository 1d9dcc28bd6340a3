package cli

import (
	"slices"
	"strings"

	"kafka-workshop/internal/workshop"
)

// names are the environment names of all programs' flags. One settings file may serve several programs, so each
// of them has to know the names of the others. A test compares the list with the flags.
var names = []string{
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "DATABASE_URL", "DEPLOY_KAFKA_DATA", "DEPLOY_KAFKA_FRESH",
	"DEPLOY_KAFKA_LISTEN", "DEPLOY_KAFKA_NODES", "DEPLOY_KAFKA_PORT", "DEPLOY_KAFKA_PROPERTIES", "DEPLOY_KAFKA_SECURE",
	"DEPLOY_KAFKA_SETTINGS", "DEPLOY_KAFKA_VERSION", "INSTRUCTOR_TOKEN", "KAFKA_BROKERS", "KAFKA_CA", "KAFKA_PASSWORD",
	"KAFKA_PUBLIC_BROKERS", "KAFKA_SASL", "KAFKA_TLS", "KAFKA_TOKEN_EXTENSIONS", "KAFKA_TOKEN_FILE", "KAFKA_TOKEN_SCOPE",
	"KAFKA_TOKEN_URL", "KAFKA_USERNAME", "LEADERBOARD_ADVERTISE_URL", "LEADERBOARD_LISTEN", "LOG_FORMAT", "LOG_LEVEL",
	"PANEL_URL", "PRODUCER_KEYS", "PRODUCER_LISTEN", "PRODUCER_PRINT", "PRODUCER_RATE", "PUBLIC_URL", "REMEMBER_USERS",
	"SOAK_DATA", "SOAK_EVERY", "SOAK_FOR", "SOAK_MEMBERS", "SOAK_RATE", "SOAK_REPLICAS", "SOAK_SOLVING", "SOAK_TEAMS",
	"SOAK_VIEWERS", "SOAK_VOTERS", "SWEEP_EVERY",
	"WORKSHOP_ASSIGNOR", "WORKSHOP_CALM", "WORKSHOP_CODE", "WORKSHOP_COMMIT", "WORKSHOP_COMMIT_INTERVAL", "WORKSHOP_DOWNLOADS",
	"WORKSHOP_EXACTLY_ONCE", "WORKSHOP_FILTER", "WORKSHOP_FORMAT", "WORKSHOP_FROM", "WORKSHOP_GROUP", "WORKSHOP_HANDOUTS",
	"WORKSHOP_INSTANCES", "WORKSHOP_LEADERBOARD", "WORKSHOP_LESSON", "WORKSHOP_LOCK", "WORKSHOP_MAX_RECORDS",
	"WORKSHOP_NAMESPACE", "WORKSHOP_ON_POISON", "WORKSHOP_REASON", "WORKSHOP_ROSTER", "WORKSHOP_SECRET",
	"WORKSHOP_SESSION_TIMEOUT", "WORKSHOP_SHEET", "WORKSHOP_SLOW", "WORKSHOP_SOLVE", "WORKSHOP_STATS", "WORKSHOP_TEAM",
	"WORKSHOP_TEAMS", "WORKSHOP_TOPIC", "WORKSHOP_TYPE",
}

// unknownName returns a warning about a name that no program reads, or "" for a known name.
func unknownName(name string) string {
	if slices.Contains(names, name) {
		return ""
	}

	warning := "no program of the workshop reads " + workshop.CleanText(name, workshop.MaxTeamName)
	if near := nearest(name); near != "" {
		return warning + ": did you mean " + near + "?"
	}
	return warning
}

// nearest returns the known name that is most similar to a misspelt one, or "" if none is similar.
func nearest(name string) string {
	name = strings.ToUpper(name)
	best, least := "", len(name)/4+1
	for _, known := range names {
		d := distance(name, known)
		if strings.Contains(name, "_") && (strings.HasPrefix(known, name) || strings.HasPrefix(name, known)) {
			d = min(d, least-1) // a part of a name, such as KAFKA_USER, or a longer one
		}
		if d < least {
			best, least = known, d
		}
	}

	return best
}

// distance returns the edit distance of two words, in which swapping two adjacent letters is one edit
// (optimal string alignment).
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}

	for i := range len(a) {
		before = last
		last = row
		row = make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}

			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}

	return row[len(b)]
}
