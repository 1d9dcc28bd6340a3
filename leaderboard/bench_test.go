package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
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

// joiner is a member of a team's group that tells when it was given partitions.
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

// observer notes, in the page, when a member first owned a cell.
const observer = `(() => { window.seen = {}; new MutationObserver(list => { for (const m of list) {
	const owner = m.target.dataset.owner; if (owner && !(owner in seen)) seen[owner] = Date.now(); } })
	.observe(document.getElementById('rows'), { subtree: true, attributes: true, attributeFilter: ['data-owner'] }); return true; })()`

// From the moment at which a member has its partitions to the moment at which the page of the board
// shows it, with a hundred teams of which ten change at once. SWEEP_EVERY sets the sweep's rate.
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
	var took []time.Duration
	b.ResetTimer()
	for b.Loop() {
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, team := range rand.Perm(teams)[:workers] {
			all.Go(func() {
				j := joins(b, c, team+1)
				at := <-j.assigned
				id, _ := j.GroupMetadata()
				d := shownAfter(b, tab, id, at)
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
				j.leave()
			})
		}
		all.Wait()
	}
	slices.SortFunc(took, cmp.Compare)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "max-ms")
	b.ReportMetric(float64(len(took)), "changes")
	b.Log("SWEEP_EVERY", os.Getenv("SWEEP_EVERY"))
}

func shownAfter(b *testing.B, tab *browsertest.Tab, member string, at time.Time) time.Duration {
	for {
		ms, err := chromedp.Run(tab, chromedp.Evaluate[int64](fmt.Sprintf("seen[%q] || 0", member)))
		if err != nil {
			b.Error(err)
			return 0
		}
		if ms > 0 {
			return time.UnixMilli(ms).Sub(at)
		}
		<-time.After(20 * time.Millisecond)
	}
}
