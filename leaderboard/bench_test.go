package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"

	"github.com/chromedp/chromedp"
	"github.com/twmb/franz-go/pkg/kgo"
)

// joiner is a member of a team's group that reports when it was assigned partitions.
type joiner struct {
	*kgo.Client
	assigned chan time.Time
	ended    chan struct{}
}

func joins(b *testing.B, c *kafkatest.Cluster, team int) *joiner {
	b.Helper()
	j := &joiner{assigned: make(chan time.Time, 64), ended: make(chan struct{})}
	j.Client = c.Client(b, kgo.ConsumerGroup(c.Group(team)), kgo.ConsumeTopics(c.Topic()),
		kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(100*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			if len(got) > 0 {
				j.assigned <- time.Now()
			}
		}))
	go func() {
		defer close(j.ended)
		for !j.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	return j
}

func (j *joiner) leave() { j.Close(); <-j.ended }

// observer records, in the page, when a member first owned a cell.
const observer = `(() => {
	const seen = {}, waiting = {};
	window.shown = member => seen[member] || new Promise(resolve => { waiting[member] = resolve; });
	new MutationObserver(list => { for (const m of list) {
		const owner = m.target.dataset.owner;
		if (!owner || owner in seen) continue;
		seen[owner] = Date.now();
		waiting[owner]?.(seen[owner]);
	} }).observe(document.getElementById('rows'), { subtree: true, attributes: true, attributeFilter: ['data-owner'] });
	return true;
})()`

// Measures from the moment at which a member has its partitions to the moment at which the board's page shows it, with a
// hundred teams, ten of which change at once. SWEEP_EVERY sets the sweep's rate.
func BenchmarkMemberToDOM(b *testing.B) {
	const teams, workers = 100, 10
	c := kafkatest.New(b)
	c.CreateTopic(b, c.Topic(), workshop.ScaleUp.Partitions, nil)
	p := start(b, c, postgrestest.URL(b), "--teams", strconv.Itoa(teams))
	p.ready(b, http.StatusOK)
	for team := 1; team <= teams; team++ {
		j := joins(b, c, team)
		defer j.leave()
		<-j.assigned
	}
	tab := browsertest.New(b)
	tab.Open(b, p.url+"/", 1920, 1080)
	if err := tab.Until(`document.body.dataset.live && document.querySelectorAll('.cell.owned').length === 500`); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](observer)); err != nil {
		b.Fatal(err)
	}
	events := streams(b, p.url+"/events")
	var sent, shown []time.Duration
	b.ResetTimer()
	for b.Loop() {
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, team := range rand.Perm(teams)[:workers] {
			all.Go(func() {
				j := joins(b, c, team+1)
				assigned := <-j.assigned
				id, _ := j.GroupMetadata()
				at := shownAt(b, tab, id)
				mu.Lock()
				sent = append(sent, events.at(id).Sub(assigned))
				shown = append(shown, at.Sub(assigned))
				mu.Unlock()
				j.leave()
			})
		}
		all.Wait()
	}
	reportTimes(b, "sent", sent)
	reportTimes(b, "shown", shown)
	b.ReportMetric(float64(len(shown)), "changes")
	b.Log("SWEEP_EVERY", os.Getenv("SWEEP_EVERY"))
}

// shownAt returns when the page showed a member, without polling, which would keep the page busy.
func shownAt(b *testing.B, tab *browsertest.Tab, member string) time.Time {
	ms, err := chromedp.Run(tab, chromedp.Evaluate[int64](fmt.Sprintf("shown(%q)", member), chromedp.EvalAwaitPromise))
	if err != nil {
		b.Error(err)
	}
	return time.UnixMilli(ms)
}

// A stream records when events first named a member as an owner.
type stream struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

var ownerOf = regexp.MustCompile(`data-owner="([^"]+)"`)

// streams reads the board's events until the end of the benchmark.
func streams(b *testing.B, url string) *stream {
	b.Helper()
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	s := &stream{seen: map[string]time.Time{}}
	var reading sync.WaitGroup
	reading.Go(func() {
		lines := bufio.NewReader(resp.Body)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return // the benchmark has ended
			}
			s.note(line, time.Now())
		}
	})
	b.Cleanup(func() { _ = resp.Body.Close(); reading.Wait() }) // it is only read
	return s
}

func (s *stream) note(line []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range ownerOf.FindAllSubmatch(line, -1) {
		if _, known := s.seen[string(m[1])]; !known {
			s.seen[string(m[1])] = at
		}
	}
}

func (s *stream) at(member string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[member]
}

// reportTimes reports the median, the 99th percentile and the maximum.
func reportTimes(b *testing.B, of string, took []time.Duration) {
	slices.Sort(took)
	for name, i := range map[string]int{"p50": len(took) / 2, "p99": len(took) * 99 / 100, "max": len(took) - 1} {
		b.ReportMetric(float64(took[i].Milliseconds()), of+"-"+name+"-ms")
	}
}
