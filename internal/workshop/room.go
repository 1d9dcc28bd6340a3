package workshop

import "fmt"

// A Room is what one deployment serves: its lesson, its names on the cluster, and its teams. Every name
// that the product makes on a cluster follows from it. Its tags make it the flags of every program.
type Room struct {
	Lesson    Lesson    `env:"WORKSHOP_LESSON" default:"scale-up" placeholder:"NAME" help:"What is taught: scale-up, rebalancing-demo or web-events."`
	Namespace Namespace `env:"WORKSHOP_NAMESPACE" help:"Goes before every topic, group and user name and ends with a dot, as in \"spring.\"."`
	Teams     int       `env:"WORKSHOP_TEAMS" default:"15" help:"How many teams there are, 1 to 1000."`
}

// MaxTeams is the largest number of teams in a room.
const MaxTeams = 1000

// Validate reports a room that cannot be; its error names the flag at fault.
func (r Room) Validate() error {
	if r.Lesson.Name == "" {
		return fmt.Errorf("--lesson is missing")
	}
	if r.Teams < 1 || r.Teams > MaxTeams {
		return fmt.Errorf("--teams %d: use 1 to %d", r.Teams, MaxTeams)
	}
	return r.Namespace.Validate()
}

// Topic is the lesson's topic.
func (r Room) Topic() string { return r.Namespace.Name(r.Lesson.Topic) }

// Group is a team's consumer group.
func (r Room) Group(team int) string { return r.Namespace.Name(r.Lesson.Group(team)) }

// Actions is the topic that only this team writes its actions to.
func (r Room) Actions(team int) string { return r.Namespace.Name(TeamID(team) + ".actions") }

// Stats is the topic that only this team writes its stats to, keyed by instance.
func (r Room) Stats(team int) string { return r.Namespace.Name(TeamID(team) + ".stats") }

// User is the name that a team logs in to the cluster with.
func (r Room) User(team int) string { return r.Namespace.Name(TeamID(team)) }

// TransactionalID is the id of one instance of a team's exactly-once client. The instance's name must
// differ from any other's in the team: two clients with one id fence each other.
func (r Room) TransactionalID(team int, instance string) string {
	return r.Namespace.Name(TeamID(team) + "." + instance)
}

// ControlTopic is the topic that holds the load that was set.
func (r Room) ControlTopic() string { return r.Namespace.Name(ControlTopic) }
