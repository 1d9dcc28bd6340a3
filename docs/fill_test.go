package docs

import (
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"
)

func TestFill(t *testing.T) {
	room := workshop.Joining{Brokers: []string{"10.0.0.9:9092", "10.0.0.9:9093"}, Leaderboard: "https://board.example.org"}
	team := room
	team.Team, team.Namespace, team.Username, team.SASL, team.TLS, team.CA = 3, "spring.", "spring.team-3", "SCRAM-SHA-256", true, "PEM"
	open := team
	open.Username, open.SASL, open.TLS, open.CA = "", "", false, ""
	for _, c := range []struct {
		name   string
		lesson workshop.Lesson
		of     workshop.Joining
		has    []string
		lacks  []string
	}{
		{"a room", workshop.ScaleUp, room,
			[]string{"https://board.example.org/join", "-b 10.0.0.9:9092,10.0.0.9:9093", "Team 7 looks for", `GROUP = "team-7"`, `ACTIONS = "team-7.actions"`}, []string{"192.168.1.5", "SASL_", "guide: "}},
		{"a team", workshop.ScaleUp, team,
			[]string{"Team 3 looks for", `GROUP = "spring.team-3"`, `TEAM = "team-3"`, `sasl.username=spring.team-3`, "spring.team-3.actions", `"spring.new_users"`,
				`"type":"SALES_LEAD","reason":"FINANCIAL_SECTOR","team":"team-3"}`, "the industry contains one of Bank", "-G spring.team-3 spring.new_users", "SASL_SSL", "From team 16 on"},
			[]string{"team-7", "Team 7", "192.168.1.5", "guide: ", `"VIP_USER"`}},
		{"a team of another lesson", workshop.WebEvents, team,
			[]string{`GROUP = "spring.web-events-group-3"`, `sasl.username=spring.team-3`, `TOPIC = "spring.web-events-partitioned"`}, []string{"web-events-group-7", "ACTIONS = ", "wanted(user)"}},
		{"a team with a queue", workshop.Queues, team,
			[]string{"Your group is `spring.crew-3`", "The topic `spring.jobs` has", "five jobs a second", "--topic spring.jobs ", `GROUP = "spring.crew-3"`, `TOPIC = "spring.jobs"`, `STATS = "spring.team-3.stats"`},
			[]string{"crew-7"}},
		{"without a login", workshop.RebalancingDemo, open,
			[]string{`GROUP = "spring.group-3"`, "-G spring.group-3 spring.consumer-rebalancing-demo"}, []string{`process.env.KAFKA_PASSWORD`, "SASL_", "ssl_cafile"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Fill(Participant, c.lesson, c.of)
			for _, want := range c.has {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing", want)
				}
			}
			for _, not := range c.lacks {
				if i := strings.Index(got, not); i >= 0 {
					t.Errorf("%q is there: %q", not, got[max(0, i-60):min(len(got), i+60)])
				}
			}
		})
	}
}
