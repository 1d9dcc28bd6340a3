package load

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Reason describes in plain words why the cluster rejected a request for a topic: the panel shows no
// names of protocol errors.
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
		return "topic " + topic + " does not exist"
	case is(kerr.TopicAuthorizationFailed):
		return "this user is not allowed to write to " + topic
	case is(kerr.MessageTooLarge, kerr.RecordListTooLarge):
		return "a record is larger than " + topic + " accepts"
	case is(kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend):
		return "too few replicas of " + topic + " are in sync to accept records"
	case is(kerr.UnknownServerError, kerr.KafkaStorageError):
		return "a broker could not store " + topic + ": its disk may be full; see its log"
	case is(kgo.ErrRecordTimeout, kgo.ErrRecordRetries):
		return "no broker accepted records for " + topic + " in time"
	}

	var rejected *kerr.Error
	if errors.As(err, &rejected) {
		return fmt.Sprintf("Kafka rejected the request: %s", rejected.Description)
	}
	return err.Error()
}
