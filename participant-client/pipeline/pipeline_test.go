package pipeline

import (
	"encoding/json"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func userRecord(t testing.TB, u workshop.User) *kgo.Record {
	t.Helper()
	value, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	return &kgo.Record{Topic: "new_users", Value: value}
}

func TestWrongFlagsPointAtThePlace(t *testing.T) {
	full := Config{Team: 7, Type: "T", Reason: "R"}
	for _, test := range []struct {
		name string
		cfg  Config
		want []string
	}{
		{"no team", Config{Solve: true}, []string{"--team"}},
		{"solve and filter", Config{Team: 7, Solve: true, Filter: "premium"}, []string{"--solve"}},
		{"no type", Config{Team: 7, Filter: "premium", Reason: "R"}, []string{"--type"}},
		{"no filter", full, []string{"--filter"}},
		{"unknown field", with(full, `premium and emial contains "x"`), []string{"no field emial", "email", "premium and ▶emial"}},
		{"wrong types", with(full, `credit > "a"`), []string{"int and string", "credit ▶>"}},
		{"no bool", with(full, `credit + 1`), []string{"bool"}},
		{"not finished", with(full, `premium and (`), []string{"▶"}},
		{"unknown function", with(full, `lowr(email) == "x"`), []string{"lowr", "▶lowr"}},
		{"a Go name", with(full, `Email == "x"`), []string{"no field Email"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.cfg)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

func with(c Config, filter string) Config { c.Filter = filter; return c }

// Each row's filter, written in the expression language, matches exactly the users that the row itself matches.
func TestFiltersOfAllRowsAgreeWithTheRows(t *testing.T) {
	users := []workshop.User{
		{Email: "A@HotMail.com", CreditCardNumber: "3712", Industry: "Investment Banking", Premium: true, Credit: 11, TimeZone: "Asia/Tokyo", Avatar: "https://robohash.org/x", Pack: "small"},
		{Email: "b@gmail.com", CreditCardNumber: "4037", Industry: "Semiconductors", Profession: "Sales Engineer", Credit: -16, TimeZone: "Europe/Berlin", Avatar: "http://robohash.org/x", Pack: "free", Field: "it"},
		{Email: "c@web.de", Industry: "Biotechnology", Premium: true, Credit: 10, UserAgent: "Mozilla/4.0 (compatible; MSIE 6.0)", Avatar: "https://example.org/a.png", Name: "john doe", Field: "Technology"},
		{Email: "d@web.de", Industry: "Farming", Profession: "Baker", Credit: -15, TimeZone: "America/Lima", UserAgent: "Firefox", Avatar: "https://robohash.org/y", Name: "John Doe Jr", Pack: "small", Field: "Titan"},
	}
	for _, row := range workshop.Criteria() {
		p, err := New(Config{Team: row.Row, Filter: row.Filter, Type: row.Type, Reason: row.Reason})
		if err != nil {
			t.Fatalf("row %d: %v", row.Row, err)
		}
		solved, err := New(Config{Team: row.Row, Solve: true})
		if err != nil {
			t.Fatal(err)
		}
		quoted := strings.ReplaceAll(row.Filter, `"`, `'`) // as in the guide, in double quotes of the shell
		typed, err := New(Config{Team: row.Row, Filter: quoted, Type: row.Type, Reason: row.Reason})
		if err != nil {
			t.Fatalf("row %d: %v", row.Row, err)
		}
		for _, u := range users {
			r := userRecord(t, u)
			want := row.Match(&u)
			if got := len(p.Handle(1, r)) == 1; got != want {
				t.Errorf("row %d on %s: the filter says %v, the row %v", row.Row, u.Email, got, want)
			}
			if got := len(typed.Handle(1, r)) == 1; got != want {
				t.Errorf("row %d on %s: the filter in single quotes says %v, the row %v", row.Row, u.Email, got, want)
			}
			if got := len(solved.Handle(1, r)) == 1; got != want {
				t.Errorf("row %d on %s: --solve says %v, the row %v", row.Row, u.Email, got, want)
			}
		}
	}
}

func TestActions(t *testing.T) {
	p, err := New(Config{Team: 7, Room: workshop.Room{Namespace: "spring."}, Solve: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []*kgo.Record
	for _, r := range []*kgo.Record{
		userRecord(t, workshop.User{Email: "vip@x.com", Premium: true, Credit: 20}),
		userRecord(t, workshop.User{Email: "poor@x.com", Premium: true, Credit: 1}),
		{Value: nil}, {Value: []byte("not JSON")}, {Value: []byte(`{"credit":"x"}`)}, {Value: []byte(`{}`)}, {Value: []byte(`[]`)},
		{Value: []byte(strings.Repeat("x", 1<<20))},
	} {
		out = append(out, p.Handle(1, r)...)
	}
	if len(out) != 1 || out[0].Topic != "spring.team-7.actions" || string(out[0].Key) != "vip@x.com" {
		t.Fatalf("actions %v", out)
	}
	want := `{"customer":"vip@x.com","type":"CONTACT_CUSTOMER","reason":"VIP_USER","team":"team-7"}`
	if string(out[0].Value) != want {
		t.Errorf("action %s, want %s", out[0].Value, want)
	}
	if n := p.Unreadable(); n != 6 {
		t.Errorf("%d records unreadable, want 6", n)
	}
}

func BenchmarkFilter(b *testing.B) {
	p, err := New(Config{Team: 1, Filter: workshop.CriterionOf(3).Filter, Type: "T", Reason: "R"})
	if err != nil {
		b.Fatal(err)
	}
	r := userRecord(b, workshop.User{Email: "a@hotmail.com", Industry: "Farming", Avatar: "https://robohash.org/x"})
	for b.Loop() {
		p.Handle(1, r)
	}
}
