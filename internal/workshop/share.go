package workshop

// ShareConfigs are the settings of a team's share group. Without the first, a group would only get records produced
// after its first member joined; the lock is the shortest that Apache Kafka allows by default
// (group.share.min.record.lock.duration.ms). Session timeout and heartbeats are left to the broker: on ours they are as
// short as those of consumer groups.
func ShareConfigs() map[string]string {
	return map[string]string{
		"share.auto.offset.reset":       "earliest",
		"share.record.lock.duration.ms": "15000",
	}
}
