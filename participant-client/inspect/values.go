package inspect

import (
	"encoding/json"
	"io"
	"strconv"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
)

// A number is an offset or a count. A negative one is unknown: "-" in a table, null in JSON.
type number int64

func (n number) String() string {
	if n < 0 {
		return "-"
	}
	return strconv.FormatInt(int64(n), 10)
}

// MarshalJSON returns a number or null.
func (n number) MarshalJSON() ([]byte, error) {
	if n < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(n), 10), nil
}

// A text is a name that anybody may have chosen. An empty one is "-" in a table, and null in JSON.
type text string

// maxColumn is how many characters a column shows. A member ID is a client ID of up to 249 and 37 that Kafka adds.
const maxColumn = 300

// String returns the text made safe to show in a table.
func (t text) String() string {
	if !workshop.HasVisible(string(t)) {
		return "-"
	}
	return workshop.CleanText(string(t), maxColumn)
}

// MarshalJSON returns a string or null.
func (t text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(workshop.CleanText(string(t), maxColumn))
}

// A host is a member's address as Kafka writes it. JSON has the address only, as the other programs show it.
type host string

func (h host) String() string { return text(h).String() }

// MarshalJSON returns a string or null.
func (h host) MarshalJSON() ([]byte, error) { return text(group.Address(string(h))).MarshalJSON() }

// writeJSON writes one line of JSON.
func writeJSON(out io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = out.Write(append(line, '\n'))
	return err
}
