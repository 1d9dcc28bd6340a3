package embedded

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Java's share consumer closes its connection if a partition's records are null, as the library sends them if there are none.
func TestAShareFetchHasNoNullRecords(t *testing.T) {
	answer := kmsg.NewPtrShareFetchResponse()
	answer.Topics = []kmsg.ShareFetchResponseTopic{{Partitions: []kmsg.ShareFetchResponseTopicPartition{{}, {Records: []byte("batch")}}}}
	(&wire{}).fix(kmsg.NewPtrShareFetchRequest(), answer)
	for i, want := range []string{"", "batch"} {
		if got := answer.Topics[0].Partitions[i].Records; got == nil || string(got) != want {
			t.Errorf("partition %d has records %q, nil %v", i, got, got == nil)
		}
	}
	if !isParsed(answer.Key()) {
		t.Error("responses of its kind are not read")
	}
}
