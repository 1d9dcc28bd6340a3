package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"kafka-workshop/internal/workshop"
)

// makeUsers makes users and reads them back as strictly as a consumer could.
func makeUsers(t *testing.T, start string, n int) []workshop.User {
	t.Helper()
	maker := MakerFor(workshop.ScaleUp, start, 1, 2)
	out := make([]workshop.User, n)
	var buf []byte
	for i := range out {
		buf = maker.Append(buf[:0], noon)
		dec := json.NewDecoder(bytes.NewReader(buf))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&out[i]); err != nil {
			t.Fatalf("%v in %s", err, buf)
		}
		if again, _ := json.Marshal(out[i]); !bytes.Equal(again, buf) {
			t.Fatalf("fields are missing, out of order or escaped:\n%s\n%s", buf, again)
		}
		if string(maker.User()) != out[i].Email {
			t.Fatalf("User() is %s, want the email %s", maker.User(), out[i].Email)
		}
	}
	return out
}

func TestUsersMeetEveryCriterion(t *testing.T) {
	users := makeUsers(t, "aaaaaaaa", 20_000)
	share := func(match func(*workshop.User) bool) float64 {
		n := 0
		for i := range users {
			if match(&users[i]) {
				n++
			}
		}
		return float64(n) / float64(len(users)) * 100
	}
	for team := 1; team <= 15; team++ {
		c := workshop.CriterionOf(team)
		least, most := 3.0, 50.0
		if team >= 3 && team <= 5 {
			least, most = 5, 25
		}
		if got := share(c.Match); got < least || got > most {
			t.Errorf("row %d (%s): %.1f %% of users, want %v to %v", team, c.Text, got, least, most)
		}
	}
	for _, tt := range []struct {
		what  string
		want  float64
		match func(*workshop.User) bool
	}{
		{"an example.org avatar", 10, func(u *workshop.User) bool { return bytes.Contains([]byte(u.Avatar), []byte("example.org")) }},
		{"John Doe", 10, func(u *workshop.User) bool { return u.Name == "John Doe" }},
		{"premium", 50, func(u *workshop.User) bool { return u.Premium }},
		{"pack small", 90, func(u *workshop.User) bool { return u.Pack == "small" }},
		{"credit 20", 100. / 41, func(u *workshop.User) bool { return u.Credit == 20 }},
		{"credit -20", 100. / 41, func(u *workshop.User) bool { return u.Credit == -20 }},
		{"credit out of bounds", 0, func(u *workshop.User) bool { return u.Credit < -20 || u.Credit > 20 }},
	} {
		if got := share(tt.match); got < tt.want*0.85 || got > tt.want*1.15 {
			t.Errorf("%s: %.2f %% of users, want about %.2f", tt.what, got, tt.want)
		}
	}
}

func TestEmailsAreUniqueOverStarts(t *testing.T) {
	seen := map[string]bool{}
	for _, start := range []string{"aaaaaaaa", "bbbbbbbb"} { // the same seed both times
		for _, u := range makeUsers(t, start, 5_000) {
			if seen[u.Email] {
				t.Fatalf("%s twice", u.Email)
			}
			seen[u.Email] = true
		}
	}
}

func TestUsersHaveARealisticSize(t *testing.T) {
	maker := MakerFor(workshop.ScaleUp, "aaaaaaaa", 1, 2)
	total, n := 0, 1000
	for range n {
		total += len(maker.Append(nil, noon))
	}
	if mean := total / n; mean < 350 || mean > 600 {
		t.Errorf("%d bytes in the mean, want 350 to 600", mean)
	}
}

func TestWebEvents(t *testing.T) {
	maker := MakerFor(workshop.WebEvents, "aaaaaaaa", 1, 2)
	kinds, users, ids := map[string]int{}, map[string]int{}, map[string]bool{}
	for range 2000 {
		var e workshop.WebEvent
		text := maker.Append(nil, noon)
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if again, _ := json.Marshal(e); len(again) != len(text) { // a click's fields are in another order
			t.Fatalf("fields are missing or escaped:\n%s\n%s", text, again)
		}
		if e.Timestamp != "2026-03-02T12:00:00.000Z" || ids[e.EventID] || string(maker.User()) != e.UserID {
			t.Fatalf("timestamp, id or user of %s", text)
		}
		ids[e.EventID] = true
		kinds[e.EventType]++
		users[e.UserID]++
		ok := map[string]bool{
			"page_view": e.Page != "" && e.DurationSeconds > 0 && e.Element == "" && e.Product == "",
			"click":     e.Element != "" && e.Page != "" && e.DurationSeconds == 0,
			"purchase":  e.Product != "" && e.Price > 0 && e.Quantity > 0 && e.Page == "",
		}[e.EventType]
		if !ok {
			t.Fatalf("fields of another type: %s", text)
		}
	}
	if len(kinds) != 3 || len(users) != 5 {
		t.Errorf("types %v, users %v", kinds, users)
	}
}

func TestJobs(t *testing.T) {
	maker := MakerFor(workshop.Queues, "aaaaaaaa", 1, 2)
	kinds, ids, poison, work := map[string]int{}, map[string]bool{}, 0, 0
	const n = 5000
	for range n {
		var j workshop.Job
		text := maker.Append(nil, noon)
		if err := json.Unmarshal(text, &j); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if again, _ := json.Marshal(j); !bytes.Equal(again, text) {
			t.Fatalf("fields are missing or escaped:\n%s\n%s", text, again)
		}
		if ids[j.ID] || j.WorkMS < leastWork || j.WorkMS > mostWork {
			t.Fatalf("id or work of %s", text)
		}
		ids[j.ID] = true
		kinds[j.Kind]++
		work += j.WorkMS
		if j.Poison {
			poison++
		}
	}
	if len(kinds) != len(jobKinds) || poison < n/poisonOne/2 || poison > n/poisonOne*2 || work/n < 550 || work/n > 650 {
		t.Errorf("kinds %v, %d of %d poison, %d ms in the mean", kinds, poison, n, work/n)
	}
}

func TestMessagesAndTheirLines(t *testing.T) {
	maker, lines := MakerFor(workshop.RebalancingDemo, "aaaaaaaa", 1, 2), NewLines()
	l := workshop.Load{Keys: workshop.KeysFixed, FixedKeys: 4}
	var want string
	rng := newRNG(1, 2)
	for i := range 50 {
		value := maker.Append(nil, noon)
		key, has := appendKey(nil, &l, maker.User(), rng)
		if !has || len(key) != 1 || key[0] < '0' || key[0] > '3' {
			t.Fatalf("key %q", key)
		}
		lines.Add(value, key)
		want += fmt.Sprintf("Produced: Message-%d (key=%s)\n", i, key)
	}
	lines.Add([]byte("x"), nil)
	want += "Produced: x (key=-)\n"
	done := make(chan struct{})
	close(done)
	var got bytes.Buffer
	if err := lines.Write(&got, done); err != nil || got.String() != want {
		t.Errorf("%v, got\n%s", err, got.String())
	}
}

func TestLinesAreLeftOutWhenNobodyReads(t *testing.T) {
	lines := NewLines()
	for range 100_000 {
		lines.Add(make([]byte, 100), nil)
	}
	if len(lines.text) > maxPending+200 {
		t.Errorf("%d bytes wait", len(lines.text))
	}
}

func TestKeys(t *testing.T) {
	user := []byte("ann@x.org")
	for _, tt := range []struct {
		load  workshop.Load
		share map[string]float64 // "-" for none
	}{
		{workshop.Load{Keys: workshop.KeysNull}, map[string]float64{"-": 1}},
		{workshop.Load{Keys: workshop.KeysUser}, map[string]float64{"ann@x.org": 1}},
		{workshop.Load{Keys: workshop.KeysFixed, FixedKeys: 2}, map[string]float64{"0": 0.5, "1": 0.5}},
		{workshop.Load{Keys: workshop.KeysHot, HotShare: 0.8}, map[string]float64{"hot": 0.8, "-": 0.2}},
		{workshop.Load{Keys: workshop.KeysHot, HotShare: 1}, map[string]float64{"hot": 1}},
		{workshop.Load{Keys: workshop.KeysHot, HotShare: 0}, map[string]float64{"-": 1}},
	} {
		got, rng, n := map[string]int{}, newRNG(1, 2), 10_000
		for range n {
			key, has := appendKey(nil, &tt.load, user, rng)
			if !has {
				key = []byte("-")
			}
			got[string(key)]++
		}
		for key, share := range tt.share {
			if s := float64(got[key]) / float64(n); s < share-0.02 || s > share+0.02 {
				t.Errorf("%+v: key %s has a share of %.3f, want %.3f", tt.load, key, s, share)
			}
		}
		if len(got) != len(tt.share) {
			t.Errorf("%+v: keys %v", tt.load, got)
		}
	}
}

func TestPartitionsGetTheirShares(t *testing.T) {
	p := new(Spread).ForTopic("t")
	counts := make([]int, 5)
	for i := range 50 { // five seconds at 10/s
		r := record(nil)
		if p.RequiresConsistency(r) {
			t.Fatal("a record without a key may go anywhere")
		}
		counts[p.Partition(r, 5)]++
		if i%5 == 4 && slices.Max(counts) != slices.Min(counts) {
			t.Fatalf("after %d records: %v", i+1, counts)
		}
	}
	// If many are due at once, each partition gets an equal share, in one run.
	s := &Spread{}
	s.due.Store(1000)
	p2, runs, last := s.ForTopic("t"), 0, -1
	counts = make([]int, 5)
	for range 1000 {
		at := p2.Partition(record(nil), 5)
		counts[at]++
		if at != last {
			runs++
		}
		last = at
	}
	if slices.Max(counts) != 200 || slices.Min(counts) != 200 || runs != 5 {
		t.Errorf("1,000 at once: %v in %d runs", counts, runs)
	}
	// murmur2 as in Kafka's own clients: "0" to "3" over 4 partitions land on 0, 3, 0, 3.
	var got []int
	for _, key := range []string{"0", "1", "2", "3"} {
		r := record([]byte(key))
		if !p.RequiresConsistency(r) {
			t.Fatal("a key must stay where it belongs")
		}
		got = append(got, p.Partition(r, 4))
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{0, 0, 3, 3}) {
		t.Errorf("the keys 0 to 3 land on %v, want 0, 0, 3, 3", got)
	}
}
