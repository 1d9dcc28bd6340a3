package workshop

import (
	"fmt"
	"strconv"
	"strings"
)

// Names of the topics and the group that the services use among themselves, without the namespace.
const (
	ControlTopic = "workshop.control" // 1 partition, compacted: the load, its holder's status, requests
	ControlGroup = "workshop.control" // the owner of its partition holds the load
	ViewTopic    = "workshop.view"    // 1 partition, compacted: what the public may see, for every leaderboard to show
)

// A Lesson defines what a deployment teaches. A deployment runs one, chosen at start.
type Lesson struct {
	Name       string  // the value of --lesson
	Topic      string  // without the namespace
	Partitions int     // of the topic when it is created
	Rate       float64 // records per second, the default
	Keys       string  // the default key mode
	Actions    bool    // teams publish actions
	Stats      bool    // teams publish stats
	Share      bool    // a team's group is a share group (KIP-932): its members own no partitions
	group      string  // prefix of a team's group
}

// The lessons.
var (
	ScaleUp = Lesson{
		Name: "scale-up", Topic: "new_users", Partitions: 5, Rate: 10, Keys: "null", Actions: true, Stats: true, group: "team-",
	}
	RebalancingDemo = Lesson{
		Name: "rebalancing-demo", Topic: "consumer-rebalancing-demo", Partitions: 4, Rate: 2, Keys: "fixed", group: "group-",
	}
	WebEvents = Lesson{
		Name: "web-events", Topic: "web-events-partitioned", Partitions: 3, Rate: 0.5, Keys: "user", group: "web-events-group",
	}
	Queues = Lesson{
		Name: "queues", Topic: "jobs", Partitions: 2, Rate: 5, Keys: "null", Stats: true, Share: true, group: "crew-",
	}
)

// Lessons lists every lesson, the default first.
func Lessons() []Lesson { return []Lesson{ScaleUp, RebalancingDemo, WebEvents, Queues} }

// LessonNamed returns the lesson with that name. The error lists the names.
func LessonNamed(name string) (Lesson, error) {
	var names []string
	for _, l := range Lessons() {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}

	return Lesson{}, fmt.Errorf("%q is not a lesson: use one of %s", name, strings.Join(names, ", "))
}

// Group returns the name of a team's group, without the namespace. Teams count from 1.
func (l Lesson) Group(team int) string {
	if l.Name == WebEvents.Name {
		if team == 1 {
			return l.group
		}
		return l.group + "-" + strconv.Itoa(team)
	}
	return l.group + strconv.Itoa(team)
}

// UnmarshalText reads a lesson's name, so that a flag can be a Lesson.
func (l *Lesson) UnmarshalText(name []byte) error {
	named, err := LessonNamed(string(name))
	if err != nil {
		return err
	}

	*l = named
	return nil
}
