package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/workshop"
)

// printBanner prints the addresses of everything. The login link holds the token, so the token itself is
// only printed with --show-token.
func (s *stack) printBanner() {
	title := "Kafka workshop"
	if s.flags.Class {
		title = "Kafka workshop for a class"
	}

	fmt.Fprintf(s.stdout, `
%s: lesson %s, topic %s, %d teams.

  Board, for the room       %s/
  Log in as instructor      http://%s/login#%s
  Kafka                     %s
%s%s
Ctrl+C stops everything. The next start continues with the same data; --fresh starts empty.
`, title, s.flags.Lesson.Name, s.flags.Topic(), s.flags.Teams, s.boardURL(), s.flags.Panel, s.token,
		s.brokers, s.tokenLine(), s.joinLines())
}

func (s *stack) tokenLine() string {
	if !s.flags.ShowToken {
		return ""
	}
	return fmt.Sprintf("  Instructor's token        %s\n", s.token)
}

// boardURL returns the address of the board that participants type.
func (s *stack) boardURL() string {
	if s.flags.PublicURL != "" {
		return strings.TrimRight(s.flags.PublicURL, "/")
	}

	host, port, _ := net.SplitHostPort(s.flags.Board) // validate has checked it
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = anyAddress()
	}
	return "http://" + net.JoinHostPort(host, port)
}

// joinLines describes how team 1 joins: with its code if the cluster has logins.
func (s *stack) joinLines() string {
	client := shellQuote(s.data.program("participant-client"))
	if s.secured() {
		code := workshop.ReadableCode(workshop.Secret(s.secret).Codes(s.flags.Namespace, 1)[0])
		return fmt.Sprintf(`  Handouts, to print        %s
  Client downloads          %s

  Join team 1:              open %s/j/%s
  or, on this machine:      %s join %s/j/%s
`, filepath.Join(s.handouts(), "handouts.html"), s.downloadsStatus(), s.boardURL(), code, client, s.boardURL(), code)
	}

	return fmt.Sprintf(`
  Join team 1:              go run ./participant-client%s --team 1
  or, already built:        %s%s --team 1
`, s.joinFlags(), client, s.joinFlags())
}

// joinFlags returns the client's flags that differ from their defaults.
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

// shellQuote quotes a path if a shell would split or expand it.
func shellQuote(path string) string {
	for _, r := range path {
		if r == ' ' || r == '\'' || r == '"' || r == '$' || r == '&' || r == '(' {
			return fmt.Sprintf("%q", path)
		}
	}
	return path
}
