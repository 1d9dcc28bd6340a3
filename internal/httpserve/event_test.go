package httpserve

import (
	"strings"
	"testing"
)

// A received event is what a browser dispatches.
type received struct{ name, data string }

// readEvents parses a stream by the HTML standard (9.2.6): lines end at \r\n, \n or \r, and an empty line dispatches
// the event.
func readEvents(stream string) []received {
	stream = strings.TrimPrefix(stream, "\ufeff")
	stream = strings.ReplaceAll(stream, "\r\n", "\n")
	stream = strings.ReplaceAll(stream, "\r", "\n")

	var out []received
	name := ""
	var data []string
	for line := range strings.SplitSeq(stream, "\n") {
		if line == "" {
			if data != nil {
				out = append(out, received{name, strings.Join(data, "\n")})
			}
			name, data = "", nil
			continue
		}

		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "data":
			data = append(data, value)
		}
	}
	return out
}

func FuzzOneEventIsReadBack(f *testing.F) {
	f.Add("part", "one\ntwo")
	f.Add("part", "a\rb\r\nc")
	f.Add("part", "x\r\revent: order\rdata: std t2\r\r")
	f.Add("part\r\revent: order\rdata: x\r\r", " leads with a space")
	f.Add("", "")
	f.Add("\ufeff", "\r")

	f.Fuzz(func(t *testing.T, name, data string) {
		got := readEvents(string(Event(name, data)))

		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data)
		want := received{strings.NewReplacer("\r", "", "\n", "").Replace(name), lines}
		if len(got) != 1 || got[0] != want {
			t.Errorf("Event(%q, %q) reads back as %q, want one event %q", name, data, got, want)
		}
	})
}
