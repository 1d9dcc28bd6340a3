package inspect

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"
)

// oddIDs are client ids that would act on a terminal, or on the text beside them, if they were not cleaned.
var oddIDs = []string{
	"", "\u202egnihtyna", strings.Repeat("x", 249), "\U0001f468\u200d\U0001f469\u200b", "<b>a</b>\x1b[2J\x1b[31mBOO\n\tz", "\r\revent: order\r",
}

func TestOddClientIDsStayInTheirColumn(t *testing.T) {
	c := kafkatest.New(t)
	topic, name := c.Namespace.Name("t"), c.Namespace.Name("odd")
	c.CreateTopic(t, topic, len(oddIDs), nil)
	for _, id := range oddIDs {
		member(t, c, id, name, topic)
	}
	client := c.Client(t)
	await(t, client, name, func(g *group.Group) bool { return g.State == "Stable" && len(g.Members) == len(oddIDs) })

	var out, errs bytes.Buffer
	if err := (Describe{Group: name}).Run(soon(t), client, &out, &errs); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 1+len(oddIDs) {
		t.Errorf("%d members make %d lines:\n%q", len(oddIDs), len(lines)-1, lines)
	}
	for _, line := range lines {
		if i := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
			t.Errorf("a character acts on the terminal: %q", line[max(0, i-20):])
		}
		if at := strings.Index(lines[0], "CONSUMER-ID"); len(line) < at || line[at-1] != ' ' {
			t.Errorf("a column has moved: %q", line)
		}
	}
}
