package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What the board's page shows of a real group is what the group's members and a witness know: owners, a crash, lags, and how
// the topic's records are distributed.
func TestTheBoardShowsWhatIsInKafka(t *testing.T) {
	cluster, programs := kafkatest.New(t), buildPrograms(t)
	var all sync.WaitGroup
	for _, assignor := range []string{"range", "cooperative-sticky", "server"} {
		all.Go(func() {
			t.Run(assignor, func(t *testing.T) {
				c := newClass(t, cluster, programs, assignor)
				c.session = 2 * sessionTimeout // long enough to observe the crash
				stop := c.feedBy(t, []int{1, 1, 1, 1, 4})
				tab := browsertest.Started(t, 10*time.Minute, nil)
				tab.Open(t, c.program.url+"/", 1920, 1080)
				c.two(t, "--commit-interval", "1s") // so that silence is seen long before the session expires
				c.showsOwners(t, tab)
				c.showsShares(t, tab)
				c.showsCrash(t, tab)
				c.showsLag(t, tab, stop)
				for _, e := range tab.Errors() {
					t.Error("the page's console:", e)
				}
			})
		})
	}
	all.Wait()
}

// feedBy produces that many records at once to each partition, ten times a second until stop is called.
func (c *class) feedBy(t *testing.T, weights []int) (stop func()) {
	t.Helper()
	producer := c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	return repeat(t, 100*time.Millisecond, func(ctx context.Context, n int) { c.burst(ctx, producer, fmt.Sprint(n), weights) })
}

func (c *class) burst(ctx context.Context, producer *kgo.Client, name string, records []int) {
	var batch []*kgo.Record
	for p, n := range records {
		for i := range n {
			user := workshop.User{Email: fmt.Sprintf("%s-%d-%d@hotmail.com", name, p, i)}
			batch = append(batch, &kgo.Record{Topic: c.Topic(), Partition: int32(p), Value: encoded(user)})
		}
	}
	producer.ProduceSync(ctx, batch...) // records that fail to be produced are missed below
}

// cells returns the script's result for each matching element on the page.
func cells[T any](t *testing.T, tab *browsertest.Tab, selector, what string) (out []T) {
	t.Helper()
	text := tab.Text(t, fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map(c => %s))`, selector, what))
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func (c *class) showsOwners(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	wait.For(t, "the owners in the page", func() error {
		looks := c.witness.seen()
		owners := looks[len(looks)-1].owners()
		shown := cells[string](t, tab, "#t1 .cell", "c.dataset.owner")
		for p, owner := range shown {
			if owners[int32(p)] != owner {
				return fmt.Errorf("the page shows %q, the witness %q", shown, owners)
			}
		}
		if len(shown) != len(owners) {
			return fmt.Errorf("the page has %d lanes", len(shown))
		}
		return nil
	})
}

// showsShares compares the topic's shares with the growth of the log ends in ten seconds.
func (c *class) showsShares(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	wait.For(t, "the shares in the page", func() error {
		looks := c.witness.seen()
		now := looks[len(looks)-1]
		i := slices.IndexFunc(looks, func(l look) bool { return now.began.Sub(l.began) < 10*time.Second })
		grown := float64(total64(now.ends) - total64(looks[i].ends))
		for p, share := range cells[float64](t, tab, ".captions:first-child .share", "Number(c.dataset.share)") {
			if want := float64(now.ends[int32(p)]-looks[i].ends[int32(p)]) / grown; math.Abs(share-want) > .03 {
				return fmt.Errorf("P%d has a share of %.2f, the page shows %.2f", p, want, share)
			}
		}
		if hot := cells[string](t, tab, ".captions:first-child .share.hot", "c.dataset.partition"); !slices.Equal(hot, []string{"4"}) {
			return fmt.Errorf("hot: %v, and P4 gets half of all records", hot)
		}
		return nil
	})
}

// showsCrash kills a member: only its lanes fade and count, until others own them.
func (c *class) showsCrash(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	gone, member, partitions := c.victim(t)
	at := time.Now()
	gone.kill()
	var aged []float64
	wait.For(t, "silent lanes", func() error {
		silent := cells[int32](t, tab, "#t1 .cell.silent", "Number(c.dataset.partition)")
		aged = cells[float64](t, tab, "#t1 .cell.silent .age", "c.checkVisibility() ? Number(c.textContent) : -1")
		if !slices.Equal(silent, partitions) || len(aged) == 0 || slices.Min(aged) < 3 {
			return fmt.Errorf("the lanes %v are silent for %v, want %v of %s", silent, aged, partitions, member)
		}
		return nil
	})
	if most := time.Since(at).Seconds() + 2; slices.Max(aged) > most { // it was alive at its last commit
		t.Errorf("silent for %v s, at most %.0f", aged, most)
	}

	c.readAgain(t, gone, partitions, at)
	wait.Until(t, "no silent lane", func() bool { return len(cells[string](t, tab, "#t1 .cell.silent", "c.dataset.partition")) == 0 })
	c.showsOwners(t, tab)
}

// showsLag lets the members leave and produces a backlog that nobody reads: the edges have its length.
func (c *class) showsLag(t *testing.T, tab *browsertest.Tab, stop func()) {
	t.Helper()
	stop()
	for _, p := range c.participants {
		p.interrupt()
	}
	c.burst(t.Context(), c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner())), "backlog", []int{0, 7, 25, 180, 333})
	wait.For(t, "the lags in the page", func() error {
		looks := c.witness.seen()
		now := looks[len(looks)-1]
		shown := cells[int64](t, tab, "#t1 .edges svg", "Number(c.dataset.lag)")
		if len(now.members) > 0 || len(shown) != len(now.ends) || total64(now.ends)-total64(now.commits) < 545 {
			return fmt.Errorf("the backlog is not there: %+v", now)
		}
		for p, lag := range shown {
			if want := now.ends[int32(p)] - now.commits[int32(p)]; lag != want {
				return fmt.Errorf("P%d is %d behind, the page shows %v", p, want, shown)
			}
		}
		return nil
	})

	wait.For(t, "the longest edge", func() error { // it grows
		longest := slices.Max(cells[int64](t, tab, "#t1 .edges svg", "Number(c.dataset.lag)"))
		scale := cells[float64](t, tab, "#t1 .edges", "Number(c.dataset.scale)")[0]
		widths := cells[float64](t, tab, "#t1 .edges svg", "c.querySelector('.behind').getBoundingClientRect().width / c.querySelector('.track').getBoundingClientRect().width")
		if got := slices.Max(widths); math.Abs(got-float64(longest)/scale) > .02 {
			return fmt.Errorf("%d behind on a scale of %v has %v of an edge", longest, scale, got)
		}
		return nil
	})
}
