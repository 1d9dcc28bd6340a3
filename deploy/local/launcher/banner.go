package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/workshop"
)

// banner says where everything is. The link that logs in holds the token, so it stands there once; whoever
// needs the token itself asks for it with --show-token.
func (s *stack) banner() {
	what := "Kafka workshop"
	if s.flags.Class {
		what = "A class of the Kafka workshop"
	}
	fmt.Fprintf(s.stdout, `
%s: lesson %s, topic %s, %d teams.

  Board, for the room       %s/
  Log in as instructor      http://%s/login#%s
  Kafka                     %s
%s%s
Ctrl+C stops everything. The next start goes on where this one ends; --fresh starts empty.
`, what, s.flags.Lesson.Name, s.flags.Topic(), s.flags.Teams, s.boardURL(), s.flags.Panel, s.token,
		s.brokers, s.tokenLine(), s.joining())
}

func (s *stack) tokenLine() string {
	if !s.flags.ShowToken {
		return ""
	}
	return fmt.Sprintf("  Instructor's token        %s\n", s.token)
}

// boardURL is what participants type.
func (s *stack) boardURL() string {
	if s.flags.PublicURL != "" {
		return strings.TrimRight(s.flags.PublicURL, "/")
	}
	host, port, _ := net.SplitHostPort(s.flags.Board) // validate has seen it
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = anyAddress()
	}
	return "http://" + net.JoinHostPort(host, port)
}

// joining says how team 1 joins: with its code where there are logins.
func (s *stack) joining() string {
	client := quoted(s.data.program("participant-client"))
	if s.secured() {
		code := workshop.ReadableCode(workshop.Secret(s.secret).Codes(s.flags.Namespace, 1)[0])
		return fmt.Sprintf(`  Handouts, to print        %s
  Clients to hand out       %s

  Join team 1:              open %s/j/%s
  or, on this machine:      %s join %s/j/%s
`, filepath.Join(s.handouts(), "handouts.html"), s.offered(), s.boardURL(), code, client, s.boardURL(), code)
	}
	return fmt.Sprintf(`
  Join team 1:              go run ./participant-client%s --team 1
  or, ready built:          %s%s --team 1
`, s.joinFlags(), client, s.joinFlags())
}

// joinFlags are what a client needs beyond its team.
func (s *stack) joinFlags() string {
	out := ""
	if s.brokers != "127.0.0.1:9092" {
		out += " --brokers " + s.brokers
	}
	if s.flags.Lesson != workshop.ScaleUp {
		out += " --lesson " + s.flags.Lesson.Name
	}
	if s.flags.Namespace != "" {
		out += " --namespace " + string(s.flags.Namespace)
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
