package report

import (
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A formatter appends a record's line, newline included.
type formatter func(line []byte, instance int, r *kgo.Record) []byte

// AppendLine appends a record's line: new_users:1:42 key=- <value>. A null key is "-" and a null value "null". Control
// characters, characters that change the writing direction, and bytes that are not UTF-8 are escaped: a record is always one
// line, and can't affect a terminal or the text beside it.
func AppendLine(line []byte, r *kgo.Record) []byte {
	line = appendPlace(line, r)
	line = append(line, " key="...)
	line = appendKey(line, r.Key)
	return appendValue(line, r)
}

// AppendVerbose is like AppendLine, with the record's timestamp and headers before the value.
func AppendVerbose(line []byte, r *kgo.Record) []byte {
	line = appendPlace(line, r)
	line = append(line, " key="...)
	line = appendKey(line, r.Key)
	line = append(line, " timestamp="...)
	line = appendTime(line, r.Timestamp)
	line = append(line, " headers="...)
	for i, h := range r.Headers {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendEscaped(line, []byte(h.Key))
		line = append(line, ':')
		line = appendKey(line, h.Value)
	}
	if len(r.Headers) == 0 {
		line = append(line, '-')
	}
	return appendValue(line, r)
}

// appendPlace appends a record's place: new_users:1:42.
func appendPlace(line []byte, r *kgo.Record) []byte {
	line = append(line, r.Topic...)
	line = append(line, ':')
	line = strconv.AppendInt(line, int64(r.Partition), 10)
	line = append(line, ':')
	return strconv.AppendInt(line, r.Offset, 10)
}

func appendTime(line []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(line, workshop.TimeFormat)
}

func appendValue(line []byte, r *kgo.Record) []byte {
	line = append(line, ' ')
	if r.Value == nil {
		line = append(line, "null"...)
	} else {
		line = appendEscaped(line, r.Value)
	}
	return append(line, '\n')
}

// demoLine formats records as the rebalancing lesson shows them. The group is in the member's colour.
func demoLine(group string, members Members) formatter {
	return func(line []byte, instance int, r *kgo.Record) []byte {
		begin, end := members.colour(instance)
		line = append(line, begin...)
		line = append(line, '[')
		line = append(line, group...)
		line = append(line, ']')
		line = append(line, end...)
		line = append(line, " Received "...)
		line = appendEscaped(line, r.Value)
		line = append(line, " from partition "...)
		line = strconv.AppendInt(line, int64(r.Partition), 10)
		line = append(line, ", key="...)
		line = appendKey(line, r.Key)
		return append(line, '\n')
	}
}

// memberLine formats records with the number of the member first: 1 new_users:0:42 key=- <value>. Everything before the
// key is in the member's colour.
func memberLine(members Members) formatter {
	return func(line []byte, instance int, r *kgo.Record) []byte {
		begin, end := members.colour(instance)
		line = append(line, begin...)
		line = strconv.AppendInt(line, int64(instance), 10)
		line = append(line, ' ')
		line = appendPlace(line, r)
		line = append(line, end...)
		line = append(line, " key="...)
		line = appendKey(line, r.Key)
		return appendValue(line, r)
	}
}

func appendKey(line, key []byte) []byte {
	if key == nil {
		return append(line, '-')
	}
	return appendEscaped(line, key)
}

// jsonLine formats a record as the JSON event "record".
func jsonLine(line []byte, instance int, r *kgo.Record) []byte {
	line = append(line, `{"event":"record","instance":`...)
	line = strconv.AppendInt(line, int64(instance), 10)
	line = appendPlaceJSON(line, r)
	return appendContent(line, r)
}

// AppendJSON appends a record that no member read as a line of JSON, with its timestamp.
func AppendJSON(line []byte, r *kgo.Record) []byte {
	line = append(line, `{"event":"record"`...)
	line = appendPlaceJSON(line, r)
	line = append(line, `,"timestamp":"`...)
	line = appendTime(line, r.Timestamp)
	line = append(line, '"')
	return appendContent(line, r)
}

func appendPlaceJSON(line []byte, r *kgo.Record) []byte {
	line = append(line, `,"topic":`...)
	line = appendJSON(line, []byte(r.Topic))
	line = append(line, `,"partition":`...)
	line = strconv.AppendInt(line, int64(r.Partition), 10)
	line = append(line, `,"offset":`...)
	return strconv.AppendInt(line, r.Offset, 10)
}

// appendContent appends key, value and headers, and ends the object and the line.
func appendContent(line []byte, r *kgo.Record) []byte {
	line = append(line, `,"key":`...)
	line = appendJSON(line, r.Key)
	line = append(line, `,"value":`...)
	line = appendJSON(line, r.Value)
	for i, h := range r.Headers {
		if i == 0 {
			line = append(line, `,"headers":[`...)
		} else {
			line = append(line, ',')
		}
		line = append(line, `{"key":`...)
		line = appendJSON(line, []byte(h.Key))
		line = append(line, `,"value":`...)
		line = appendJSON(line, h.Value)
		line = append(line, '}')
	}
	if len(r.Headers) > 0 {
		line = append(line, ']')
	}
	return append(line, '}', '\n')
}
