package load

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The panel describes errors in words: no text contains the name of a protocol constant.
func TestRefusalsAreWords(t *testing.T) {
	constant := regexp.MustCompile(`[A-Z]+_[A-Z_]+`)
	known := 0
	for code := int16(-1); code < 140; code++ {
		err := kerr.ErrorForCode(code)
		if err == nil {
			continue
		}
		known++
		if text := Reason("new_users", fmt.Errorf("produce: %w", err)); constant.MatchString(text) || text == "" {
			t.Errorf("code %d: %q", code, text)
		}
	}
	if known < 100 {
		t.Errorf("only %d codes", known)
	}

	for err, says := range map[error]string{
		kerr.UnknownServerError: "disk may be full", kerr.KafkaStorageError: "disk may be full",
		kerr.TopicAuthorizationFailed: "not allowed to write", kgo.ErrRecordTimeout: "in time",
	} {
		if text := Reason("new_users", err); !strings.Contains(text, says) {
			t.Errorf("%v: %q does not say %q", err, text, says)
		}
	}
}
