package score

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"pgregory.net/rapid"
)

// epoch is recent, because a broker's retention deletes older records.
var epoch = time.Now().Add(-time.Hour).Truncate(time.Millisecond).UTC()

// person returns a user that meets row 1, row 15, both or neither.
func person(n int, hotmail, free bool) workshop.User {
	u := workshop.User{Email: fmt.Sprintf("user-%d@example.com", n), Pack: "small", Avatar: "https://robohash.org/x"}
	if hotmail {
		u.Email = fmt.Sprintf("user-%d@hotmail.com", n)
	}
	if free {
		u.Pack = "free"
	}
	return u
}

func deed(team int, customer string) workshop.Action {
	c := workshop.CriterionOf(team)
	return workshop.Action{Customer: customer, Type: c.Type, Reason: c.Reason, Team: workshop.TeamID(team)}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// A made record is input for both an oracle and the ledger.
type made struct {
	user   workshop.User
	team   int // 0 for a user
	action workshop.Action
	at     time.Time
}

// oracle counts all records at once, in the simplest way.
func oracle(records []made, teams int, now time.Time) []game.Work {
	users, produced := map[string]workshop.User{}, map[string]time.Time{}
	for _, r := range records {
		if _, known := users[r.user.Email]; r.team == 0 && !known {
			users[r.user.Email], produced[r.user.Email] = r.user, r.at
		}
	}
	out := make([]game.Work, teams)
	for i := range out {
		w, judged, c := &out[i], map[string]bool{}, workshop.CriterionOf(i+1)
		w.Team = i + 1
		for _, r := range records {
			if r.team != w.Team {
				continue
			}
			u, known := users[r.action.Customer]
			wrong := r.action != deed(w.Team, r.action.Customer)
			if wrong || !known {
				w.Rejected++
				continue
			}
			at := r.at
			if at.Before(produced[u.Email]) {
				at = produced[u.Email]
			}
			if w.FirstAt.IsZero() || at.Before(w.FirstAt) {
				w.FirstAt = at
			}
			switch {
			case judged[u.Email]:
				w.Duplicate++
			case c.Match(&u):
				w.Accepted++
			default:
				w.Rejected++
			}
			judged[u.Email] = true
		}
		for email, u := range users {
			if w.FirstAt.IsZero() || !c.Match(&u) || produced[email].Before(w.FirstAt) || produced[email].After(now.Add(-30*time.Second)) {
				continue
			}
			w.Meeting++
			if judged[email] {
				w.Found++
			}
		}
	}
	return out
}

// bare omits what an oracle does not count.
func bare(works []game.Work) []game.Work {
	out := make([]game.Work, len(works))
	for i, w := range works {
		out[i] = game.Work{
			Team: w.Team, Accepted: w.Accepted, Rejected: w.Rejected, Duplicate: w.Duplicate,
			Unverifiable: w.Unverifiable, Meeting: w.Meeting, Found: w.Found, FirstAt: w.FirstAt.UTC(),
		}
	}
	return out
}

func drawRecords(t *rapid.T) []made {
	var out []made
	users := rapid.IntRange(1, 40).Draw(t, "users")
	for n := range users {
		u := person(n, rapid.Bool().Draw(t, "hotmail"), rapid.Bool().Draw(t, "free"))
		out = append(out, made{user: u, at: epoch.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "produced")) * time.Millisecond)})
	}
	for range rapid.IntRange(0, 80).Draw(t, "actions") {
		team := rapid.SampledFrom([]int{1, 2, 15, 16}).Draw(t, "team")
		a := deed(team, rapid.SampledFrom(append(out[:users:users], made{user: person(99, false, false)})).Draw(t, "customer").user.Email)
		if rapid.IntRange(0, 4).Draw(t, "wrong") == 0 {
			a.Reason = "EUROPE"
		}
		out = append(out, made{team: team, action: a, at: epoch.Add(time.Duration(rapid.IntRange(0, 150_000).Draw(t, "acted")) * time.Millisecond)})
	}
	return out
}

func TestCountsAreTheOraclesWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		now := epoch.Add(time.Duration(rapid.IntRange(150_000, 200_000).Draw(t, "now")) * time.Millisecond)
		l := newLedger(16, 1000)
		// users come before the actions about them; otherwise the order is arbitrary
		seen := map[string]bool{}
		waiting := rapid.Permutation(records).Draw(t, "order")
		known := map[string]bool{}
		for _, r := range records {
			known[r.user.Email] = true
		}
		for len(waiting) > 0 {
			var next []made
			for _, r := range waiting {
				switch {
				case r.team == 0:
					l.user(encode(r.user), r.at)
					seen[r.user.Email] = true
				case known[r.action.Customer] && !seen[r.action.Customer]:
					next = append(next, r)
				default:
					l.action(r.team, encode(r.action), r.at, now, false)
				}
				if rapid.IntRange(0, 9).Draw(t, "advance") == 0 {
					l.advance(epoch.Add(time.Duration(rapid.IntRange(0, 150_000).Draw(t, "meanwhile")) * time.Millisecond))
				}
			}
			waiting = next
		}
		l.advance(now)
		if got, want := bare(l.works()), oracle(records, 16, now); !reflect.DeepEqual(got, want) {
			for i := range got {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Errorf("team %d:\n got %+v\nwant %+v", i+1, got[i], want[i])
				}
			}
		}
	})
}

func TestAnOldUserIsUnverifiableNotToBlame(t *testing.T) {
	l := newLedger(1, 16)
	for n := range 100 {
		l.user(encode(person(n, true, false)), epoch)
	}
	for _, customer := range []string{"user-0@hotmail.com", "user-99@hotmail.com", "nobody@hotmail.com"} {
		l.action(1, encode(deed(1, customer)), epoch, epoch, false)
	}
	w := l.works()[0]
	if w.Accepted != 1 || w.Unverifiable != 2 || w.Rejected != 0 || l.users.evicted < 80 {
		t.Errorf("%+v, evicted %d", w, l.users.evicted)
	}
}

func TestRecallKeepsCountingWhatWasEvicted(t *testing.T) {
	l := newLedger(1, 16)
	now := epoch.Add(time.Hour)
	for n := range 100 {
		l.user(encode(person(n, true, false)), epoch.Add(time.Duration(n)*time.Second))
		if n%2 == 0 {
			l.action(1, encode(deed(1, fmt.Sprintf("user-%d@hotmail.com", n))), epoch, now, false)
		}
	}
	l.advance(now)
	if w := l.works()[0]; w.Meeting != 100 || w.Found != 50 || w.Accepted != 50 {
		t.Errorf("%+v", w)
	}
}

func TestRejectionsAreTheLastFifty(t *testing.T) {
	l := newLedger(1, 16)
	for n := range 1000 {
		l.action(1, []byte(fmt.Sprintf(`{"customer":"%d"}`, n)), epoch, epoch, false)
	}
	w := l.works()[0]
	if len(w.Rejections) != 50 || w.Rejections[49].Customer != "999" || w.Rejections[0].Customer != "950" || w.Rejected != 1000 {
		t.Errorf("%d rejections, %d kept", w.Rejected, len(w.Rejections))
	}
}

func TestStats(t *testing.T) {
	l := newLedger(7, 16)
	say := func(key, value string, headers ...string) {
		h := map[string]string{}
		for i := 0; i < len(headers); i += 2 {
			h[headers[i]] = headers[i+1]
		}
		l.stats(7, report{key: key, value: []byte(value), headers: h, at: epoch}, epoch.Add(time.Hour), false)
	}
	for _, bad := range []string{"", "x", "null", "{}", `{"team":"team-7"}`, `{"team":"team-1","processed":1,"flagged":1}`,
		`{"team":"team-7","processed":-1,"flagged":1}`, `{"team":"team-7","processed":1e30,"flagged":1}`, `{"team":"team-7","processed":"1","flagged":1}`} {
		say("a", bad, "leaving", "true", "member_id", "m")
	}
	if w := l.works()[6]; !w.StatsAt.IsZero() || w.Leaving != nil {
		t.Fatalf("invalid stats counted: %+v", w)
	}
	say("a", `{"team":"team-7","processed":10,"flagged":1}`, "member_id", "m-1", "pause_ms", "1500")
	say("b", `{"team":"team-7","processed":5,"flagged":2}`, "member_id", "m-2", "leaving", "true")
	say("a", `{"team":"team-7","processed":20,"flagged":3}`, "member_id", "m-1", "pause_ms", "99999999999999999")
	w := l.works()[6]
	if w.Processed != 25 || w.Flagged != 5 || !w.StatsAt.Equal(epoch) {
		t.Errorf("%+v", w)
	}
	want := game.ClientNote{At: epoch, MemberID: "m-1", Name: "a", Pause: 1500 * time.Millisecond}
	if len(w.Pauses) != 1 || w.Pauses[0] != want || len(w.Leaving) != 1 || w.Leaving[0].MemberID != "m-2" {
		t.Errorf("notes: %+v, %+v", w.Pauses, w.Leaving)
	}
}
