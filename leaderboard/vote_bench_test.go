package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const (
	voters    = 5000
	voteSpan  = 10 * time.Second // in which all of them vote
	looksEach = 3500 * time.Millisecond
)

// A phone votes over its own connection, like the voting page: it opens the page, votes, and loads the page again, at once
// and every few seconds.
type phone struct {
	client http.Client
	url    string
	cookie string
}

func (p *phone) ask(ctx context.Context, method, path, body string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Cookie", p.cookie)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}

	began := time.Now()
	res, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	if set := res.Cookies(); len(set) > 0 {
		p.cookie = set[0].Name + "=" + set[0].Value
	}
	return took, nil
}

// timings records how long the answers of one kind took.
type timings struct {
	mu   sync.Mutex // guards took
	took []time.Duration
}

func (t *timings) add(d time.Duration) { t.mu.Lock(); defer t.mu.Unlock(); t.took = append(t.took, d) }

func (t *timings) report(b *testing.B, name string) {
	slices.SortFunc(t.took, cmp.Compare)
	for what, i := range map[string]int{"p50": len(t.took) / 2, "p99": len(t.took) * 99 / 100, "max": len(t.took) - 1} {
		b.ReportMetric(float64(t.took[i].Microseconds())/1000, name+"-"+what+"-ms")
	}
}

// A whole room votes within ten seconds, over one connection each, while a board watches. In addition to the votes, it
// measures the plain GET /api/prediction, on the same connections and right after them, and the leaderboard's processor time.
func BenchmarkARoomVotes(b *testing.B) {
	c := kafkatest.New(b)
	c.CreateTopic(b, c.Topic(), workshop.ScaleUp.Partitions, nil)
	database := postgrestest.URL(b)
	p := start(b, c, database)
	p.ready(b, http.StatusOK)
	j := joins(b, c, 1)
	defer j.leave()
	<-j.assigned

	for b.Loop() {
		wait.Until(b, "a question that can be asked", func() bool {
			return p.act(b, "prediction", `{"question":"split","team":1}`) == http.StatusOK
		})
		ctx, cancel := context.WithCancel(context.Background())
		updates := p.watchAsked(ctx, b)
		votes, plain, pages := p.voteAll(b)
		wait.Until(b, "all votes to be counted", func() bool { return p.prediction(b).Votes == voters })
		wait.Until(b, "all votes to be stored", func() bool { return storedVotes(b, database) >= voters })
		cancel()
		times := <-updates

		votes.report(b, "vote")
		plain.report(b, "get")
		pages.report(b, "page")
		least := time.Hour
		for i := 1; i < len(times); i++ {
			least = min(least, times[i].Sub(times[i-1]))
		}
		b.ReportMetric(float64(len(times)), "counts")
		b.ReportMetric(float64(least.Milliseconds()), "counts-least-ms")
		if status := p.act(b, "prediction/cancel", "{}"); status != http.StatusOK {
			b.Fatalf("cancelling is answered %d", status)
		}
	}
	p.kill()
	used := p.ProcessState.UserTime() + p.ProcessState.SystemTime()
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s") // independent of other load on the machine
}

// voteAll lets every phone vote at its moment.
func (p *program) voteAll(b *testing.B) (votes, plain, pages *timings) {
	votes, plain, pages = &timings{}, &timings{}, &timings{}
	ctx, cancel := context.WithTimeout(context.Background(), 4*voteSpan)
	defer cancel()
	end := time.Now().Add(voteSpan)
	var all sync.WaitGroup
	for i := range voters {
		all.Go(func() {
			one := &phone{url: p.url, client: http.Client{Transport: &http.Transport{}}}
			defer one.client.CloseIdleConnections()
			<-time.After(time.Duration(i) * voteSpan / voters)
			for _, step := range []struct {
				method, path, body string
				into               *timings
			}{
				{http.MethodGet, "/predict", "", pages}, {http.MethodPost, "/api/prediction/vote", fmt.Sprintf(`{"option":%d}`, rand.IntN(3)), votes},
				{http.MethodGet, "/api/prediction", "", plain}, {http.MethodGet, "/predict", "", pages},
			} {
				took, err := one.ask(ctx, step.method, step.path, step.body)
				if err != nil {
					b.Errorf("voter %d: %v", i, err)
					return
				}
				step.into.add(took)
			}
			for time.Until(end) > looksEach {
				<-time.After(looksEach)
				took, err := one.ask(ctx, http.MethodGet, "/predict", "")
				if err != nil {
					b.Errorf("voter %d: %v", i, err)
					return
				}
				pages.add(took)
			}
		})
	}
	all.Wait()
	return votes, plain, pages
}

// watchAsked watches the board until ctx ends, and then sends the times at which its question changed.
func (p *program) watchAsked(ctx context.Context, b *testing.B) <-chan []time.Time {
	b.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/events", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	out := make(chan []time.Time, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Error(err)
			close(out)
			return
		}
		defer func() { _ = res.Body.Close() }()
		var times []time.Time
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `id="asked"`) && strings.Contains(lines.Text(), game.PredictionOpen) {
				times = append(times, time.Now())
			}
		}
		out <- times
	}()
	return out
}
