package provision

import (
	"maps"
	"strings"
	"testing"
)

func TestRoster(t *testing.T) {
	for _, c := range []struct {
		text string
		want map[int]string
		err  string
	}{
		{"1,The Ones\n7,Sevens\n", map[int]string{1: "The Ones", 7: "Sevens"}, ""},
		{"number,name\n1,Ada\n", map[int]string{1: "Ada"}, ""},
		{"\ufeffnumber,name\r\n2, Grace \r\n", map[int]string{2: "Grace"}, ""},
		{"\ufeff3,Linus\n# away today\n\n4,\"Comma, and Co\"\n5\n", map[int]string{3: "Linus", 4: "Comma, and Co", 5: "team-5"}, ""},
		{"", nil, "no team in it"},
		{"number,name\n", nil, "no team in it"},
		{"1,a\n1,b\n", nil, "line 2: team 1 is there twice"},
		{"0,a\n", nil, `line 1: "0" is no team number`},
		{"1,a\nx,b\n", nil, `line 2: "x" is no team number`},
		{"1,a,b\n", nil, "3 fields"},
		{"1," + strings.Repeat("é", 41) + "\n", nil, "the name of team 1"},
		{"1,a\x07\n", nil, "the name of team 1"},
	} {
		got, err := roster(strings.NewReader(c.text))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: want error %q, got %v", c.text, c.err, err)
			}
			continue
		}
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}
