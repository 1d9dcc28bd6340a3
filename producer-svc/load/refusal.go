package load

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Reason says why the cluster refused what was done to a topic, without the names that the protocol has for it.
func Reason(topic string, err error) string {
	is := func(kinds ...error) bool {
		for _, kind := range kinds {
			if errors.Is(err, kind) {
				return true
			}
		}
		return false
	}

	switch {
	case is(kerr.UnknownTopicOrPartition, kerr.UnknownTopicID):
		return "the topic " + topic + " is gone"
	case is(kerr.TopicAuthorizationFailed):
		return "the cluster does not let this user write to " + topic
	case is(kerr.MessageTooLarge, kerr.RecordListTooLarge):
		return "a record is larger than " + topic + " takes"
	case is(kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend):
		return "too few replicas of " + topic + " are alive to take records"
	case is(kerr.UnknownServerError, kerr.KafkaStorageError):
		return "a broker could not store " + topic + ": its disk may be full, and its log says more"
	case is(kgo.ErrRecordTimeout, kgo.ErrRecordRetries):
		return "no broker has taken records for " + topic + " in time"
	}

	var refused *kerr.Error
	if errors.As(err, &refused) {
		return fmt.Sprintf("Kafka refused it: %s", refused.Description)
	}
	return err.Error()
}
