package score

import (
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

// A user of the previous round that appears again in this round belongs to this round.
func TestAnEarlierUserIsNobodysFault(t *testing.T) {
	now := epoch.Add(time.Minute)
	before := newLedger(1, 1000)
	old, both, fresh := person(1, true, false), person(2, true, false), person(3, true, false)
	before.user(encode(old), epoch)
	before.user(encode(both), epoch)
	before.action(1, encode(deed(1, old.Email)), epoch, now, false)

	l := before.nextRound()
	l.user(encode(both), epoch)
	l.user(encode(fresh), epoch)
	for _, u := range []string{old.Email, old.Email, both.Email, fresh.Email, "nobody@example.com"} {
		l.action(1, encode(deed(1, u)), epoch, now, false)
	}
	l.advance(now)

	got := l.works()[0]
	if got.Earlier != 2 || got.Accepted != 2 || got.Rejected != 1 || got.Duplicate != 0 {
		t.Errorf("%+v, want 2 earlier, 2 accepted, 1 rejected", got)
	}
	if got.Meeting != 2 || got.Found != 2 {
		t.Errorf("recall of %d of %d, want 2 of 2: an earlier user counts for none", got.Found, got.Meeting)
	}
}

// An index full of earlier users makes room for those of the round, and evicted earlier users do not count.
func TestEarlierUsersMakeRoom(t *testing.T) {
	l := newLedger(1, 64)
	for n := range 200 {
		l.earlierUser(encode(person(n, true, false)))
	}
	u := person(1000, true, false)
	l.user(encode(u), epoch)
	l.action(1, encode(deed(1, u.Email)), epoch, epoch, false)
	l.action(1, encode(deed(1, person(199, true, false).Email)), epoch, epoch, false)
	l.action(1, encode(deed(1, person(0, true, false).Email)), epoch, epoch, false) // evicted
	l.advance(epoch.Add(time.Minute))

	got := l.works()[0]
	want := game.Work{Team: 1, Accepted: 1, Earlier: 1, Unverifiable: 1, Meeting: 1, Found: 1, FirstAt: got.FirstAt}
	if got.Accepted != want.Accepted || got.Earlier != want.Earlier || got.Unverifiable != want.Unverifiable || got.Rejected != 0 || got.Meeting != 1 || got.Found != 1 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// At the start, users from before the round are read as far back as the index can hold.
func TestHowFarBackUsersAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		began, start, want int64
		missed             bool
	}{
		"all of the log":        {began: 100, start: 20, want: 20},
		"as many as are held":   {began: 5000, start: 20, want: 4800, missed: true},
		"the log is shorter":    {began: 100, start: 150, want: 150, missed: true},
		"the log's first round": {},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Scorer{cfg: Config{Users: 1000}, partitions: 5, ledger: newLedger(1, 1000)}
			if got := s.memory(c.began, c.start); got != c.want || s.ledger.missed != c.missed {
				t.Errorf("from %d, missed %v; want %d, %v", got, s.ledger.missed, c.want, c.missed)
			}
		})
	}
}
