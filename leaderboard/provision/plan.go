// Package provision makes what a room needs on a secured cluster, with an administrator's
// credentials: topics, a user for each team and service, and the rights of each, no more than its
// part needs. What passwords and codes are is derived from WORKSHOP_SECRET, so that nothing is kept
// here and a second run finds everything done. Handing settings to laptops is join's.
package provision

import (
	"cmp"
	"slices"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A plan is what there has to be on the cluster for one room.
type plan struct {
	topics []workshop.Topic
	users  []string
	teams  []string // those of the users who are teams
	rights []right
}

// A right lets one user do one thing.
type right struct {
	user    string
	kind    kmsg.ACLResourceType
	name    string
	pattern kmsg.ACLResourcePatternType
	do      kmsg.ACLOperation
}

const (
	literal  = kmsg.ACLResourcePatternTypeLiteral
	prefixed = kmsg.ACLResourcePatternTypePrefixed

	topic = kmsg.ACLResourceTypeTopic
	group = kmsg.ACLResourceTypeGroup
	txnID = kmsg.ACLResourceTypeTransactionalId

	read     = kmsg.ACLOperationRead
	write    = kmsg.ACLOperationWrite
	create   = kmsg.ACLOperationCreate
	alter    = kmsg.ACLOperationAlter
	describe = kmsg.ACLOperationDescribe
)

// planFor says what these teams and the two services need in this lesson. READ and WRITE bring
// DESCRIBE with them; nobody but the producer may make or alter a topic, and nobody may delete one.
func planFor(r workshop.Room, teams []int) plan {
	lesson, control := r.Topic(), r.ControlTopic()
	producer, board := r.Namespace.Name(workshop.ProducerUser), r.Namespace.Name(workshop.LeaderboardUser)
	p := plan{
		topics: []workshop.Topic{r.LessonTopic(), r.Control()},
		users:  []string{producer, board},
		rights: []right{
			{producer, topic, lesson, literal, create},
			{producer, topic, lesson, literal, alter}, // more partitions
			{producer, topic, lesson, literal, write},
			{producer, topic, control, literal, create},
			{producer, topic, control, literal, read},
			{producer, topic, control, literal, write},
			{producer, group, r.Namespace.Name(workshop.ControlGroup), literal, read},

			{board, group, "*", literal, describe},
			{board, topic, lesson, literal, read},
			{board, topic, control, literal, read},
			{board, topic, control, literal, write}, // to ask for a load
		},
	}
	for _, team := range teams {
		user, own := r.User(team), r.Namespace.Name(workshop.TeamID(team)+".")
		p.topics = append(p.topics, r.TeamTopics(team)...)
		p.users = append(p.users, user)
		p.teams = append(p.teams, user)
		p.rights = append(p.rights,
			right{user, topic, lesson, literal, read},
			right{user, group, r.Group(team), literal, read},
			right{user, topic, own, prefixed, write},
			right{user, txnID, own, prefixed, write},

			right{board, topic, own, prefixed, read},
			// To set a team's offsets and to remove a member, which Kafka counts as reading.
			right{board, group, r.Group(team), literal, read},
		)
	}
	return p
}

// less orders rights for people to read.
func less(a, b right) int {
	return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.do, b.do), cmp.Compare(a.pattern, b.pattern))
}

// without is what is in all and not in some, in order.
func without(all, some []right) []right {
	has := make(map[right]bool, len(some))
	for _, r := range some {
		has[r] = true
	}
	var out []right
	for _, r := range all {
		if !has[r] {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, less)
	return out
}

func (r right) String() string {
	name := r.name
	if r.pattern == prefixed {
		name += "*"
	}
	return r.user + " may " + r.do.String() + " " + r.kind.String() + " " + name
}
