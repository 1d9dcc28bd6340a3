package main

import "fmt"

// banner says where everything is.
func (s *stack) banner() {
	panel := "http://" + s.flags.Panel
	fmt.Fprintf(s.stdout, `
Kafka workshop: lesson %s, topic %s, %d teams.

  Board, for the room       %s/
  Control panel             %s/login#%s   (this link logs you in)
  Instructor's page         %s/instructor
  Instructor's token        %s
  Kafka                     %s

  Join team 1:              go run ./participant-client%s --team 1
  or, ready built:          %s%s --team 1

Ctrl+C stops everything. The next start goes on where this one ends; --fresh starts empty.
`, s.lesson().Name, s.flags.Namespace+s.lesson().Topic, s.flags.Teams, s.boardURL(), panel, s.token, s.boardURL(), s.token,
		s.brokers, s.joinFlags(), quoted(s.data.program("participant-client")), s.joinFlags())
}

// joinFlags are what a client needs beyond its team.
func (s *stack) joinFlags() string {
	out := ""
	if s.brokers != "127.0.0.1:9092" {
		out += " --brokers " + s.brokers
	}
	if s.flags.Lesson != "scale-up" {
		out += " --lesson " + s.flags.Lesson
	}
	if s.flags.Namespace != "" {
		out += " --namespace " + s.flags.Namespace
	}
	return out + " --leaderboard " + s.boardURL()
}

// quoted makes a path safe to paste into a shell.
func quoted(path string) string {
	for _, r := range path {
		if r == ' ' || r == '\'' || r == '"' || r == '$' || r == '&' || r == '(' {
			return fmt.Sprintf("%q", path)
		}
	}
	return path
}
