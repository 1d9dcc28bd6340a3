package worker

// lessons explains what happens when it happens for the first time.
type lessons struct{ told map[string]bool }

// about returns what there is to learn from an event, or nothing if that was said before.
func (l *lessons) about(e Event) string {
	text := lessonOf(e)
	if text == "" || l.told[text] {
		return ""
	}
	if l.told == nil {
		l.told = map[string]bool{}
	}
	l.told[text] = true
	return text
}

func lessonOf(e Event) string {
	switch {
	case e.Kind == Accepted && e.After >= 0:
		return "Order is lost: workers share a partition, so a record can be accepted after a later one. A share group keeps no order."
	case e.Kind == Redelivered:
		return "A record that nobody accepted is delivered again, and counts its deliveries: a job may be done twice, so doing it twice must do no harm."
	case e.Kind == Closed && e.Poison:
		return "All that the worker held counts a delivery when it dies. Apache Kafka delivers a record alone when half of its deliveries are used up; a broker that does not gives up the good jobs beside it as well. Reject what cannot be done."
	case e.Kind == Closed && e.Reason == Crashed:
		return "The connection broke, so what the worker held is free at once. A worker that hangs keeps its records until the lock ends. Both stay members, with their partitions, until their session ends: a partition that nobody else is assigned waits for that."
	case e.Kind == Released && e.Reason == OfPoison:
		return "A poison job that is given back comes again, until the broker gives it up: after 5 deliveries by default (group.share.delivery.count.limit)."
	case e.Kind == Rejected:
		return "A rejected record is never delivered again: the queue goes on without it."
	case e.Kind == Lost && e.Reason == OfLock:
		return "The broker takes a record back when its lock ends. Whoever works for longer renews the lock (--lock), or finds the work done twice."
	case e.Kind == Renewed:
		return "A worker may renew its lock (KIP-1222): nobody else gets a long job while somebody works on it."
	}
	return ""
}
