package provision

import (
	"cmp"
	"slices"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A plan lists what one room needs on the cluster.
type plan struct {
	topics []workshop.Topic
	users  []string
	teams  []string // the teams among users
	groups []string // the teams' share groups, which have settings
	acls   []acl
}

// An acl allows one user one operation.
type acl struct {
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

// newPlan returns what these teams and the two services need for the room's lesson. READ and WRITE imply DESCRIBE. Only the
// producer may create or alter a topic, and nobody may delete one.
func newPlan(r workshop.Room, teams []int) plan {
	lesson, control := r.Topic(), r.ControlTopic()
	producer := r.Namespace.Name(workshop.ProducerUser)
	board := r.Namespace.Name(workshop.LeaderboardUser)
	p := plan{
		topics: []workshop.Topic{r.LessonTopic(), r.Control(), r.View()},
		users:  []string{producer, board},
		acls: []acl{
			{producer, topic, lesson, literal, create},
			{producer, topic, lesson, literal, alter}, // to add partitions
			{producer, topic, lesson, literal, write},
			{producer, topic, control, literal, create},
			{producer, topic, control, literal, read},
			{producer, topic, control, literal, write},
			{producer, group, r.Namespace.Name(workshop.ControlGroup), literal, read},

			{board, group, "*", literal, describe},
			{board, topic, lesson, literal, read},
			{board, topic, control, literal, read},
			{board, topic, control, literal, write}, // to request a load
			{board, topic, r.ViewTopic(), literal, read},
			{board, topic, r.ViewTopic(), literal, write},
		},
	}
	for _, team := range teams {
		user := r.User(team)
		own := r.Namespace.Name(workshop.TeamID(team) + ".")
		p.topics = append(p.topics, r.TeamTopics(team)...)
		p.users = append(p.users, user)
		p.teams = append(p.teams, user)
		p.acls = append(p.acls,
			acl{user, topic, lesson, literal, read},
			acl{user, group, r.Group(team), literal, read},
			acl{user, topic, own, prefixed, read}, // its counts, which the partition's previous owner left
			acl{user, topic, own, prefixed, write},
			acl{user, txnID, own, prefixed, write},

			acl{board, topic, own, prefixed, read},
			// Setting a team's offsets and removing a member need READ on the group.
			acl{board, group, r.Group(team), literal, read},
		)
		if r.Lesson.Share {
			p.groups = append(p.groups, r.Group(team))
			p.acls = append(p.acls, acl{user, group, r.Beside(team), literal, read})
		}
	}

	return p
}

// compareACLs orders ACLs by user first, which is easiest to read.
func compareACLs(a, b acl) int {
	return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.do, b.do), cmp.Compare(a.pattern, b.pattern))
}

// difference returns the ACLs of a that are not in b, sorted.
func difference(a, b []acl) []acl {
	inB := make(map[acl]bool, len(b))
	for _, r := range b {
		inB[r] = true
	}

	var out []acl
	for _, r := range a {
		if !inB[r] {
			out = append(out, r)
		}
	}

	slices.SortFunc(out, compareACLs)
	return out
}

func (r acl) String() string {
	name := r.name
	if r.pattern == prefixed {
		name += "*"
	}
	return r.user + " may " + r.do.String() + " " + r.kind.String() + " " + name
}
