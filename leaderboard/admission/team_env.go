package admission

import (
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
)

// TeamEnv returns a team's settings as lines of NAME=value. The guide's programs read them from the environment, and the
// client with --env. No value needs quotes in any shell. The CA certificate is in a file beside them.
func TeamEnv(j workshop.Joining) string {
	lines := [][2]string{
		{"KAFKA_BROKERS", strings.Join(j.Brokers, ",")}, {"KAFKA_USERNAME", j.Username}, {"KAFKA_PASSWORD", j.Password}, {"KAFKA_SASL", j.SASL},
		{"KAFKA_TLS", strconv.FormatBool(j.TLS)}, {"WORKSHOP_LESSON", j.Lesson}, {"WORKSHOP_NAMESPACE", j.Namespace},
		{"WORKSHOP_TEAMS", strconv.Itoa(j.Teams)}, {"WORKSHOP_TEAM", strconv.Itoa(j.Team)},
	}
	if j.CA != "" {
		lines = append(lines, [2]string{"KAFKA_CA", "ca.pem"})
	}

	var out strings.Builder
	for _, l := range lines {
		if l[1] != "" {
			out.WriteString(l[0] + "=" + l[1] + "\n")
		}
	}
	return out.String()
}
