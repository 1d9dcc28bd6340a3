package board

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

func BenchmarkStrip(b *testing.B) {
	r := newRoom(b, newSample(1))
	team := crowded()
	record := game.Record{Round: 1, Partitions: 5, Until: workshop.At(sampleNow)}
	html := ""
	for b.Loop() {
		html, _ = r.render("strip", wholeStrip(team, record, nil))
	}
	b.ReportMetric(float64(len(html)), "B/strip")
}

// Two hours of fifteen teams with a rebalance a minute.
func BenchmarkReplay(b *testing.B) {
	record := game.Record{Round: 1, Partitions: 5, Until: workshop.At(sampleNow), Began: workshop.At(sampleNow.Add(-2 * time.Hour))}
	for n := range 15 {
		p := &past{team: n + 1, partitions: 5, at: record.Began.Time}
		for i := range 120 {
			p.phase(2*time.Second, 1+i%3, game.LaneMoving).phase(58*time.Second, 1+i%6, game.LaneOwned)
		}
		record.Teams = append(record.Teams, game.TeamRecord{Team: n + 1, History: p.lasting(2, game.LaneOwned)})
	}
	var doc document
	for b.Loop() {
		doc, _ = newDocument(replayOf(record))
	}
	b.ReportMetric(float64(len(doc.plain)), "B/plain")
	b.ReportMetric(float64(len(doc.packed)), "B/gzip")
}

func BenchmarkStripKey(b *testing.B) {
	team := crowded()
	for b.Loop() {
		_ = spansKey(team.History)
	}
}

// The request that a phone sends every few seconds.
func BenchmarkPageToVote(b *testing.B) {
	s := newSample(15)
	s.ask(1, game.PredictionOpen)
	r := newRoom(b, s)
	for b.Loop() {
		out := httptest.NewRecorder()
		r.engine.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/predict", http.NoBody))
		if out.Code != http.StatusOK {
			b.Fatal(out.Code)
		}
	}
}

// A sweep of the largest room, of which one page is being viewed and every team's figures have changed.
func BenchmarkPublish5000Teams(b *testing.B) {
	s := newSample(workshop.MaxTeams)
	r := newRoom(b, s)
	_ = r.watch(b, "/events")
	views := [2]game.View{s.View, s.View}
	for i := range views {
		for _, board := range []*game.Board{&views[i].Public, &views[i].Truth} {
			board.Teams = slices.Clone(board.Teams)
			for n := range board.Teams {
				board.Teams[n].ProcessedPerSecond = float64(i)
			}
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.clock.turn(time.Second)
		r.Publish(views[i%2])
	}
}

// What a viewer receives: a page at once, a row of it that changes, and everything that may change with every second.
func BenchmarkBytesOfAPage(b *testing.B) {
	for name, k := range map[string]feedKey{
		"15 teams": {kind: roomPages, number: 1}, "100 teams": {kind: roomPages, number: 1}, "2000 teams": {kind: roomPages, number: 1},
		"15 teams, a team's": {kind: teamPages, number: 1},
	} {
		b.Run(name, func(b *testing.B) {
			teams, _ := strconv.Atoi(strings.Fields(name)[0])
			r := newRoom(b, newSample(teams))
			f := r.feedOf(k).now.Load()
			for b.Loop() {
				_ = f.since(0)
			}
			row, tick := 0, 0
			for _, p := range f.parts {
				if p.ticks {
					tick += len(p.wire())
				} else if strings.HasPrefix(p.data(), `<li id="t`) {
					row = max(row, len(p.wire()))
				}
			}
			b.ReportMetric(float64(len(f.since(0))), "B/page")
			b.ReportMetric(float64(row), "B/row")
			b.ReportMetric(float64(tick), "B/tick")
		})
	}
}
