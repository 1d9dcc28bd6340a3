package workshop

import "fmt"

// A Room is one deployment's lesson, namespace and teams. All names of its topics, groups and users on the
// cluster follow from it. The tags make it a set of flags that all programs share.
type Room struct {
	Lesson    Lesson    `env:"WORKSHOP_LESSON" default:"scale-up" placeholder:"NAME" help:"Lesson of the room: scale-up, rebalancing-demo, web-events or queues."`
	Namespace Namespace `env:"WORKSHOP_NAMESPACE" help:"Prefix of every topic, group and user name; ends with a dot, as in \"spring.\"."`
	Teams     int       `env:"WORKSHOP_TEAMS" default:"15" help:"Number of teams, 1 to 5000."`
}

// MaxTeams is the largest number of teams in a room.
const MaxTeams = 5000

// Validate returns an error that names the flag at fault.
func (r Room) Validate() error {
	if r.Lesson.Name == "" {
		return fmt.Errorf("--lesson is missing")
	}
	if r.Teams < 1 || r.Teams > MaxTeams {
		return fmt.Errorf("--teams %d: use 1 to %d", r.Teams, MaxTeams)
	}
	return r.Namespace.Validate()
}

// Topic returns the name of the lesson's topic.
func (r Room) Topic() string { return r.Namespace.Name(r.Lesson.Topic) }

// Group returns the name of a team's group.
func (r Room) Group(team int) string { return r.Namespace.Name(r.Lesson.Group(team)) }

// Beside returns the name of a team's consumer group in the queues lesson, beside its share group.
func (r Room) Beside(team int) string { return r.Namespace.Name(TeamID(team)) }

// Actions returns the name of the topic for a team's actions. Only the team may write to it.
func (r Room) Actions(team int) string { return r.Namespace.Name(TeamID(team) + ".actions") }

// Stats returns the name of the topic for a team's stats, keyed by instance. Only the team may write to it.
func (r Room) Stats(team int) string { return r.Namespace.Name(TeamID(team) + ".stats") }

// User returns the name of a team's user on the cluster.
func (r Room) User(team int) string { return r.Namespace.Name(TeamID(team)) }

// TransactionalID returns the transactional ID of one instance of a team's exactly-once client. Instances of
// a team need different names: two clients with the same ID fence each other.
func (r Room) TransactionalID(team int, instance string) string {
	return r.Namespace.Name(TeamID(team) + "." + instance)
}

// ViewTopic returns the name of the topic that holds what the leaderboards show.
func (r Room) ViewTopic() string { return r.Namespace.Name(ViewTopic) }

// ControlTopic returns the name of the topic that holds the load.
func (r Room) ControlTopic() string { return r.Namespace.Name(ControlTopic) }
