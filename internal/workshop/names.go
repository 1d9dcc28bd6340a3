package workshop

import (
	"fmt"
	"regexp"
	"strconv"
)

// A Namespace goes before every topic, group, user and ACL name that the product makes or derives
// from a team, so that two rooms can share a cluster and a database. Empty, or ending with a dot.
type Namespace string

var namespaceForm = regexp.MustCompile(`^([a-zA-Z0-9_-]+\.)+$`)

// Validate reports a namespace that Kafka's names cannot hold or that has no dot at its end.
func (n Namespace) Validate() error {
	if n == "" || (len(n) <= 60 && namespaceForm.MatchString(string(n))) {
		return nil
	}
	return fmt.Errorf("--namespace %q: use letters, digits, - and _ with a dot at the end, as in spring. (60 characters at most)", string(n))
}

// Name puts the namespace before a name that the product derived.
func (n Namespace) Name(name string) string { return string(n) + name }

// TeamID is how payloads name a team: team-7.
func TeamID(team int) string { return "team-" + strconv.Itoa(team) }
