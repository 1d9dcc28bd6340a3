package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"kafka-workshop/internal/workshop"
)

// banner says where everything is.
func (s *stack) banner() {
	fmt.Fprintf(s.stdout, `
Kafka workshop: lesson %s, topic %s, %d teams.

  Board, for the room       %s/
  Control panel             http://%s/login#%s   (this link logs you in)
  Instructor's page         %s/instructor
  Instructor's token        %s
  Kafka                     %s
%s
Ctrl+C stops everything. The next start goes on where this one ends; --fresh starts empty.
`, s.lesson().Name, s.flags.Namespace+s.lesson().Topic, s.flags.Teams, s.boardURL(), s.flags.Panel, s.token, s.boardURL(), s.token,
		s.brokers, s.joining())
}

// boardURL is what participants type.
func (s *stack) boardURL() string {
	if s.flags.PublicURL != "" {
		return strings.TrimRight(s.flags.PublicURL, "/")
	}
	host, port, _ := net.SplitHostPort(s.flags.Board) // validate has seen it
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = ownAddress()
	}
	return "http://" + net.JoinHostPort(host, port)
}

// ownAddress is the first of this machine's that others may reach.
func ownAddress() string {
	all, _ := net.InterfaceAddrs() // without one there is loopback
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

// joining says how team 1 joins: with its code where there are logins.
func (s *stack) joining() string {
	client := quoted(s.data.program("participant-client"))
	if s.secured() {
		code := workshop.ReadableCode(workshop.Secret(s.secret).Codes(workshop.Namespace(s.flags.Namespace), 1)[0])
		return fmt.Sprintf(`  Handouts, to print        %s

  Join team 1:              open %s/j/%s
  or, on this machine:      %s join %s/j/%s
`, filepath.Join(s.handouts(), "handouts.html"), s.boardURL(), code, client, s.boardURL(), code)
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
