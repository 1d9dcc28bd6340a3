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

// Topic is the lesson's topic.
func (n Namespace) Topic(l Lesson) string { return n.Name(l.Topic) }

// Group is a team's consumer group.
func (n Namespace) Group(l Lesson, team int) string { return n.Name(l.Group(team)) }

// Actions is the topic that only this team writes its actions to: 3 partitions.
func (n Namespace) Actions(team int) string { return n.Name(TeamID(team) + ".actions") }

// Stats is the topic that only this team writes its stats to: 1 partition, compacted, keyed by instance.
func (n Namespace) Stats(team int) string { return n.Name(TeamID(team) + ".stats") }

// TransactionalID is the id of one instance of a team's exactly-once client. The instance's name must
// be unlike any other's in the team: two with one id would shut each other out.
func (n Namespace) TransactionalID(team int, instance string) string {
	return n.Name(TeamID(team) + "." + instance)
}

// TeamID is how payloads name a team: team-7.
func TeamID(team int) string { return "team-" + strconv.Itoa(team) }

// MaxTeams is the most teams a deployment can have.
const MaxTeams = 1000
