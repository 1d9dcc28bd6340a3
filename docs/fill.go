package docs

import (
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/workshop"
)

// Fill puts a room's addresses and a team's names into a guide. The guide is written for team 7 and a board at
// 192.168.1.5, so that it also reads well unfilled. With Team 0, team 7 stays.
func Fill(markdown string, l workshop.Lesson, j workshop.Joining) string {
	room := workshop.Room{Lesson: l, Namespace: workshop.Namespace(j.Namespace)}
	var pairs []string
	put := func(example, own string) {
		if own != "" {
			pairs = append(pairs, example, own)
		}
	}
	put("http://192.168.1.5:8080", j.Leaderboard)
	put("192.168.1.5:9092", strings.Join(j.Brokers, ","))
	if j.Team > 0 {
		n := strconv.Itoa(j.Team)
		row := workshop.CriterionOf(j.Team)
		example := workshop.CriterionOf(7)
		put(`"team":"team-7"`, `"team":"`+workshop.TeamID(j.Team)+`"`)
		put("--team 7", "--team "+n)
		put("/teams/7", "/teams/"+n)
		put("Team 7", "Team "+n)
		put("team 7", "team "+n)
		for _, of := range workshop.Lessons() { // scale-up's group is team-7, which is replaced below
			if of.Name != workshop.ScaleUp.Name {
				put(of.Group(7), workshop.Room{Lesson: of, Namespace: room.Namespace}.Group(j.Team))
			}
		}
		for _, form := range groupForms {
			put(form+"team-7", form+room.Group(j.Team))
		}
		put("team-7", room.User(j.Team))
		put(example.Text, row.Text)
		put(example.Filter, strings.ReplaceAll(row.Filter, `"`, `'`)) // in double quotes, as all shells take it
		put(`"type":"`+example.Type+`","reason":"`+example.Reason+`"`, `"type":"`+row.Type+`","reason":"`+row.Reason+`"`)
		put("--type "+example.Type+" --reason "+example.Reason, "--type "+row.Type+" --reason "+row.Reason)
	}
	put("new_users", room.Topic())
	for _, form := range topicForms { // the bare name may be a plain word, such as jobs
		put(form+l.Topic, form+room.Topic())
	}
	filled := strings.NewReplacer(pairs...).Replace(login(markdown, j))
	return includePrograms(filled, l, j)
}

// groupForms are what precedes the group's name in commands.
var groupForms = []string{"-G "}

// topicForms are what precedes a lesson's topic.
var topicForms = []string{"`", "--topic "}

// login removes the lines of commands that need TLS or a login where the cluster has none.
func login(markdown string, j workshop.Joining) string {
	var drop []string
	if j.CA == "" {
		drop = append(drop, "ca.pem")
	}
	if !j.TLS {
		markdown = strings.ReplaceAll(markdown, "SASL_SSL", "SASL_PLAINTEXT")
	}
	if j.SASL == "" {
		drop = append(drop, "SASL_", "sasl", "SCRAM", "KAFKA_PASSWORD")
	}
	var out []string
	program := false
	for line := range strings.SplitSeq(markdown, "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		program = program != fence
		if !program || !slices.ContainsFunc(drop, func(word string) bool { return strings.Contains(line, word) }) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
