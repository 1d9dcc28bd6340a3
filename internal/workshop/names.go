package workshop

import (
	"fmt"
	"regexp"
	"strconv"
)

// A Namespace is a prefix of every topic, group, user and ACL name of a room, so that two rooms can share a
// cluster and a database. It is empty or ends with a dot.
type Namespace string

var namespaceForm = regexp.MustCompile(`^([a-zA-Z0-9_-]+\.)+$`)

// Validate returns an error for a namespace that is not valid in Kafka's names or does not end with a dot.
func (n Namespace) Validate() error {
	if n == "" || (len(n) <= 60 && namespaceForm.MatchString(string(n))) {
		return nil
	}
	return fmt.Errorf("--namespace %q: use letters, digits, - and _ with a dot at the end, as in spring. (at most 60 characters)", string(n))
}

// Name returns the name with the namespace before it.
func (n Namespace) Name(name string) string { return string(n) + name }

// TeamID returns a team's name in records, such as team-7.
func TeamID(team int) string { return "team-" + strconv.Itoa(team) }
