package report

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func record(key, value []byte) *kgo.Record {
	return &kgo.Record{Topic: "new_users", Partition: 1, Offset: 42, Key: key, Value: value}
}

func TestPlainLine(t *testing.T) {
	for _, test := range []struct {
		key, value []byte
		want       string
	}{
		{nil, []byte(`{"email":"a@b.c"}`), `new_users:1:42 key=- {"email":"a@b.c"}`},
		{[]byte("7"), []byte("x"), "new_users:1:42 key=7 x"},
		{nil, nil, "new_users:1:42 key=- null"},
		{[]byte{}, []byte{}, "new_users:1:42 key= "},
		{nil, []byte("two\nlines\r\ttab"), `new_users:1:42 key=- two\nlines\r\ttab`},
		{[]byte("\x1b[2J"), []byte("\x07bell\x7f"), `new_users:1:42 key=\x1b[2J \x07bell\x7f`},
		{nil, []byte("Zoë 日本"), "new_users:1:42 key=- Zoë 日本"},
		{nil, []byte("\xff\xc3"), `new_users:1:42 key=- \xff\xc3`},
		{nil, []byte("\u009b31m"), `new_users:1:42 key=- \xc2\x9b31m`},
	} {
		if got := string(AppendLine(nil, record(test.key, test.value))); got != test.want+"\n" {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestDemoLine(t *testing.T) {
	got := string(demoLine("group-1", Members{})(nil, 1, &kgo.Record{Partition: 3, Key: []byte("2"), Value: []byte("Message-0")}))
	if want := "[group-1] Received Message-0 from partition 3, key=2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever a record contains, its plain line is one line that cannot move the cursor, and a JSON parser restores the
// record from its JSON line.
func TestAnyRecordIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SliceOf(rapid.Byte())
		r := record(bytes.Draw(t, "key"), bytes.Draw(t, "value"))
		r.Headers = []kgo.RecordHeader{{Key: rapid.String().Draw(t, "header"), Value: bytes.Draw(t, "header value")}}
		line := string(AppendLine(nil, r))
		body := strings.TrimSuffix(line, "\n")
		if !utf8.ValidString(body) || strings.ContainsFunc(body, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
			t.Fatalf("plain: %q", line)
		}
		var got struct {
			Event   string  `json:"event"`
			Key     *string `json:"key"`
			Value   *string `json:"value"`
			Headers []struct{ Key, Value string }
		}
		line = string(jsonLine(nil, 1, r))
		if err := json.Unmarshal([]byte(line), &got); err != nil || strings.Count(line, "\n") != 1 {
			t.Fatalf("JSON: %v in %q", err, line)
		}
		if want := strings.ToValidUTF8(string(r.Value), ""); strings.ReplaceAll(*got.Value, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Fatalf("value %q, want %q", *got.Value, r.Value)
		}
		if got.Event != "record" || len(got.Headers) != 1 {
			t.Fatalf("got %+v", got)
		}
	})
}

func TestNullsInJSON(t *testing.T) {
	want := `{"event":"record","instance":2,"topic":"new_users","partition":1,"offset":42,"key":null,"value":null}`
	if got := string(jsonLine(nil, 2, record(nil, nil))); got != want+"\n" {
		t.Errorf("got %s", got)
	}
}

// A pipe that nobody reads any more is reported once, and all later lines are dropped.
func TestClosedPipe(t *testing.T) {
	in, out := io.Pipe()
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	told := 0
	r := JSON(explainer(), out, func(error) { told++ })
	for range 3 {
		r.Records(1, []*kgo.Record{record(nil, []byte("x"))})
		r.Event(member.Event{Kind: member.Lag})
		if err := r.Flush(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("flushed: %v", err)
		}
	}
	if told != 1 {
		t.Errorf("told %d times, want once", told)
	}
}

func BenchmarkLines(b *testing.B) {
	value := []byte(`{"email":"user1@hotmail.com","slogan":"` + strings.Repeat("we make things ", 24) + `"}`)
	for name, line := range map[string]formatter{"plain": func(line []byte, _ int, r *kgo.Record) []byte { return AppendLine(line, r) }, "json": jsonLine} {
		b.Run(name, func(b *testing.B) {
			w := newWriter(io.Discard, func(error) {})
			r := record(nil, value)
			b.SetBytes(int64(len(value)))
			for b.Loop() {
				w.add(func(buf []byte) []byte { return line(buf, 1, r) })
			}
		})
	}
}

// Marks of the writing direction, line separators and C1 controls do not affect a terminal; in JSON they keep their meaning.
func TestNothingActsOnTheTerminal(t *testing.T) {
	const value = "a\u202eb\u2066c\u2028d\u009be\u061cf\ufeffg\u200fh"
	acting := func(r rune) bool {
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\ufeff')
	}
	r := &kgo.Record{Topic: "t", Key: []byte(value), Value: []byte(value)}

	if line := AppendLine(nil, r); strings.ContainsFunc(string(line), acting) {
		t.Errorf("plain: %q", line)
	}

	line := jsonLine(nil, 1, r)
	if strings.ContainsFunc(string(line), acting) {
		t.Errorf("JSON: %q", line)
	}
	var got struct{ Value string }
	if err := json.Unmarshal(line, &got); err != nil || got.Value != value {
		t.Errorf("the JSON means %q, %v", got.Value, err)
	}
}
