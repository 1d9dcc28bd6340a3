package inspect

import (
	"encoding/json"
	"fmt"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// String returns the record in words, after its place in the log.
func (r OffsetsRecord) String() string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	write("%s:%d:%d %s group=%s", offsetsTopic, r.Record.Partition, r.Record.Offset, r.Event, text(r.Group))
	if r.MemberID != "" {
		write(" member=%s", text(r.MemberID))
	}
	if c := r.Commit; c != nil {
		write(" topic=%s partition=%d", text(c.Topic), c.Partition)
	}

	switch {
	case r.Tombstone:
		write(" tombstone")
	case r.Commit != nil:
		write(" offset=%s metadata=%s at=%s expires=%s", r.Commit.Offset, text(r.Commit.Metadata), inWords(r.Commit.CommittedAt), inWords(r.Commit.ExpiresAt))
	case r.Metadata != nil:
		write(" generation=%d assignor=%s leader=%s members=%d", r.Metadata.Generation, text(r.Metadata.Assignor), text(r.Metadata.Leader), len(r.Metadata.Members))
		for _, m := range r.Metadata.Members {
			write(" [%s %s %s]", text(m.MemberID), m.Host, text(assignment(m.Assigned)))
		}
	case r.Subscription != nil:
		write(" client=%s host=%s topics=%s", text(r.Subscription.ClientID), r.Subscription.Host, text(strings.Join(r.Subscription.Topics, ",")))
	case r.Assignment != nil:
		write(" epoch=%d assigned=%s", r.Assignment.Epoch, text(assignment(r.Assignment.Assigned)))
	}
	return b.String()
}

func inWords(at *workshop.Time) string {
	if at == nil {
		return "-"
	}
	return at.UTC().Format(workshop.TimeFormat)
}

// appendOffsetsRecord appends the line of a record of __consumer_offsets. The plain line of one that cannot be decoded
// ends with the error.
func appendOffsetsRecord(line []byte, r *kgo.Record, topicName func([16]byte) string, asJSON bool) []byte {
	decoded, err := decodeOffsetsRecord(r, topicName)
	if !asJSON {
		line = append(line, decoded.String()...)
		if err != nil {
			line = fmt.Appendf(line, " cannot be decoded: %v", err)
		}
		return append(line, '\n')
	}

	text, err := json.Marshal(decoded)
	if err != nil {
		return line // can't happen: it holds plain values
	}
	return append(append(line, text...), '\n')
}
