package workshop

// A Topic is how one of a room's topics is created. The replication factor is the broker's default.
type Topic struct {
	Name       string
	Partitions int
	Configs    map[string]string
}

// LessonTopic returns the topic that the producer writes. A partition keeps an hour, and at most two GiB, so
// that a high rate that is forgotten does not fill the disk.
func (r Room) LessonTopic() Topic {
	return Topic{r.Topic(), r.Lesson.Partitions, map[string]string{
		"retention.ms": "3600000", "retention.bytes": "2147483648", "segment.bytes": "16777216",
	}}
}

// Control returns the control topic.
func (r Room) Control() Topic {
	return Topic{r.ControlTopic(), 1, map[string]string{
		"cleanup.policy": "compact", "segment.bytes": "1048576", "segment.ms": "600000",
	}}
}

// View returns the topic that holds what the leaderboards show. It is written four times a second, so segments are small:
// only those that are full are compacted.
func (r Room) View() Topic {
	return Topic{r.ViewTopic(), 1, map[string]string{
		"cleanup.policy": "compact", "segment.bytes": "8388608", "segment.ms": "600000",
	}}
}

// TeamTopics returns the topics that one team writes, by what the lesson's teams publish. A partition keeps an hour, and
// at most 128 or 32 MiB. Compaction alone would not bound stats: it keeps a record of every key.
func (r Room) TeamTopics(team int) []Topic {
	var out []Topic
	if r.Lesson.Actions {
		out = append(out, Topic{r.Actions(team), 3, map[string]string{
			"cleanup.policy": "delete", "retention.ms": "3600000", "retention.bytes": "134217728", "segment.bytes": "16777216",
		}})
	}
	if r.Lesson.Stats {
		out = append(out, Topic{r.Stats(team), 1, map[string]string{
			"cleanup.policy": "compact,delete", "retention.ms": "3600000", "retention.bytes": "33554432", "segment.bytes": "8388608",
		}})
	}
	return out
}
