package referee_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/refereetest"
)

func TestBadgesOutliveTheReferee(t *testing.T) {
	url := postgrestest.URL(t)
	b := refereetest.New(t, url)
	b.Until(t, "the lock", refereetest.Leading)
	b.HandleSweep(refereetest.Sweep("a", "b"))
	was := b.Until(t, "two badges", refereetest.Points(220)).Public.Teams[0].Badges
	b.Stop()
	b = refereetest.New(t, url)
	now := b.Until(t, "two badges again", refereetest.Points(220))
	if fmt.Sprint(now.Public.Teams[0].Badges) != fmt.Sprint(was) {
		t.Errorf("badges %v, were %v", now.Public.Teams[0].Badges, was)
	}
	if len(now.Public.Ticker) != 3 || len(now.Public.Teams[0].Members) != 2 {
		t.Errorf("ticker %v, members %v", now.Public.Ticker, now.Public.Teams[0].Members)
	}
}

func TestTheSecondStandsByAndTakesOver(t *testing.T) {
	url := postgrestest.URL(t)
	first := refereetest.New(t, url)
	first.Until(t, "the lock", refereetest.Leading)
	first.HandleSweep(refereetest.Sweep("a", "b"))
	first.Until(t, "two badges", refereetest.Points(220))
	second := refereetest.New(t, url)
	second.Until(t, "a holder", func(v game.View) bool { return v.Instructor.Holder != "" })
	if err := second.Ready(); err == nil || !strings.Contains(err.Error(), refereetest.Holder()) {
		t.Errorf("ready: %v", err)
	}
	if err := second.Freeze(t.Context()); !errors.Is(err, game.StandbyError{Holder: refereetest.Holder()}) {
		t.Errorf("one that stands by froze the board: %v", err)
	}
	second.HandleSweep(refereetest.Sweep("a", "b"))
	first.Stop()
	second.Until(t, "the lock and two badges", func(v game.View) bool { return refereetest.Leading(v) && refereetest.Points(220)(v) })
	if err := second.Ready(); err != nil {
		t.Error(err)
	}
}

func TestPostgresAway(t *testing.T) {
	server, cfg := postgrestest.Own(t, t.TempDir())
	b := refereetest.New(t, server.URL("postgres"))
	b.Until(t, "the lock", refereetest.Leading)
	b.HandleSweep(refereetest.Sweep("a"))
	b.Until(t, "a badge", refereetest.Points(110))
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	b.Until(t, "the word that Postgres is away", func(v game.View) bool {
		return v.Public.StaleSince != nil && !v.Instructor.Postgres.OK
	})
	s := refereetest.Sweep("a", "b")
	b.HandleSweep(s)
	v := b.Until(t, "both members", func(v game.View) bool { return len(v.Public.Teams[0].Members) == 2 })
	if v.Public.Teams[0].Points != 110 {
		t.Errorf("%d points are shown, and 110 are stored", v.Public.Teams[0].Points)
	}
	if err := b.SetMessage(t.Context(), "hello"); err == nil {
		t.Error("an act was done without Postgres")
	}
	if err := b.Ready(); err != nil {
		t.Errorf("the board is to go on: %v", err)
	}
	again, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Stop(); err != nil {
			t.Error(err)
		}
	})
	v = b.Until(t, "the badge that waited", refereetest.Points(220))
	for _, e := range v.Public.Teams[0].Badges {
		if e.Badge == game.Scaled && !e.EarnedAt.Equal(workshop.At(s.At).Time) {
			t.Errorf("earned at %s, want the sweep's %s", e.EarnedAt, s.At)
		}
	}
	b.Until(t, "nothing stale", func(v game.View) bool { return v.Instructor.Postgres.OK })
}

func TestCommands(t *testing.T) {
	url := postgrestest.URL(t)
	b := refereetest.New(t, url)
	b.Until(t, "the lock", refereetest.Leading)
	b.HandleSweep(refereetest.Sweep("a"))
	b.Until(t, "a badge", refereetest.Points(110))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(b.Freeze(ctx))
	must(b.SetMessage(ctx, "stop one member"))
	must(b.Rename(ctx, 1, "Lanes"))
	b.HandleSweep(refereetest.Sweep("a", "b"))
	b.Until(t, "a truth beyond the freeze", func(v game.View) bool { return v.Truth.Teams[0].Points == 220 })
	b.Stop()
	b = refereetest.New(t, url)
	v := b.Until(t, "the frozen board", func(v game.View) bool { return v.Public.Frozen })
	if v.Public.Teams[0].Points != 110 || v.Truth.Teams[0].Points != 220 || v.Public.Message != "stop one member" || v.Public.Teams[0].Name != "Lanes" {
		t.Errorf("public %+v", v.Public.Teams[0])
	}
	must(b.Reveal(ctx, game.RevealAll))
	b.Until(t, "220 points", refereetest.Points(220))
	must(b.RemoveBadge(ctx, 1, game.Scaled))
	b.Until(t, "110 points", refereetest.Points(110))
	for _, c := range []struct{ got, want error }{
		{b.RemoveBadge(ctx, 1, game.Scaled), game.ErrNoBadge},
		{b.Rename(ctx, 9, "x"), game.ErrNoTeam},
		{b.Reveal(ctx, game.RevealAll), game.ErrNotFrozen},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	must(b.NewRound(ctx))
	v = b.Until(t, "round 2", func(v game.View) bool { return v.Public.Round == 2 })
	if v.Public.Teams[0].Points != 0 || v.Public.Teams[0].Name != "Lanes" {
		t.Errorf("public %+v", v.Public.Teams[0])
	}
	if got := b.Resumes(); len(got) != 2 || got[0].Round.Number != 1 || got[1].Round.Number != 2 {
		t.Errorf("resumes %+v", got)
	}
}

func TestCountsAndOffsetsComeBackTogether(t *testing.T) {
	url := postgrestest.URL(t)
	b := refereetest.New(t, url)
	b.Until(t, "the lock", refereetest.Leading)
	b.HandleScores(game.Scores{At: time.Now(), Round: 1, Teams: []game.Work{{Team: 1, Accepted: 7, Rejected: 1}},
		Offsets: []game.SourceOffset{{Topic: "team-1.actions", TopicID: "bb", Partition: 1, Next: 8}}})
	b.Until(t, "the first load", refereetest.Points(110))
	b.Stop()
	b = refereetest.New(t, url)
	v := b.Until(t, "the lock again", refereetest.Leading)
	if got := v.Public.Teams[0].Actions; got.Accepted != 7 || got.Rejected != 1 {
		t.Errorf("counts %+v", got)
	}
	r := b.Resumes()[0].Scores
	if len(r.Offsets) != 1 || r.Offsets[0].Next != 8 || len(r.Teams) != 1 || r.Teams[0].Accepted != 7 {
		t.Errorf("resumed from %+v", r)
	}
}
