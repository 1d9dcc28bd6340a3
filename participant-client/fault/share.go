package fault

// NoShareGroups is the fault of a cluster on which nobody can join a share group.
var NoShareGroups = Fault{
	Text:  "This cluster has no share groups, which --lesson queues needs: they come with Apache Kafka 4.2, and with the broker of go run ./deploy/local.",
	Fatal: true,
}
