package board

import (
	"net/http"
	"net/http/httptest"
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

// What a phone asks for every few seconds.
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
