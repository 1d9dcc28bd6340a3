package workshop

// A Topic is how one of the product's topics is made where it is missing. The number of replicas is
// left to the broker's default.
type Topic struct {
	Name       string
	Partitions int
	Configs    map[string]string
}

// LessonTopic is what the producer feeds. A partition holds an hour, and two GiB at most, so that a
// forgotten high rate does not fill the disk.
func (r Room) LessonTopic() Topic {
	return Topic{r.Topic(), r.Lesson.Partitions, map[string]string{
		"retention.ms": "3600000", "retention.bytes": "2147483648", "segment.bytes": "16777216",
	}}
}

// Control is how the control topic is made.
func (r Room) Control() Topic {
	return Topic{r.ControlTopic(), 1, map[string]string{
		"cleanup.policy": "compact", "segment.bytes": "1048576", "segment.ms": "600000",
	}}
}

// TeamTopics are what one team writes; none in a lesson without actions. A partition holds an hour,
// and 128 or 32 MiB at most, whatever the team writes: compaction alone keeps a record of every key.
func (r Room) TeamTopics(team int) []Topic {
	if !r.Lesson.Actions {
		return nil
	}
	return []Topic{
		{r.Actions(team), 3, map[string]string{
			"cleanup.policy": "delete", "retention.ms": "3600000", "retention.bytes": "134217728", "segment.bytes": "16777216",
		}},
		{r.Stats(team), 1, map[string]string{
			"cleanup.policy": "compact,delete", "retention.ms": "3600000", "retention.bytes": "33554432", "segment.bytes": "8388608",
		}},
	}
}
