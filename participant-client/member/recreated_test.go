package member

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
)

// exactlyOnce means range with transactions.
const exactlyOnce = "exactly once"

// Members switch to a topic that was deleted and created again, also with more or fewer partitions, and read it from
// its start.
func TestTopicMadeAnew(t *testing.T) {
	for _, assignor := range []string{Range, CooperativeSticky, Server, exactlyOnce} {
		for _, partitions := range []int{3, 5, 8} {
			for _, from := range []string{"earliest", "latest"} {
				t.Run(fmt.Sprintf("%s, %d partitions, %s", assignor, partitions, from), func(t *testing.T) {
					t.Parallel()
					c := kafkatest.New(t)
					cfg := config(c)
					cfg.Assignor, cfg.From = assignor, from
					switch assignor {
					case Server:
						cfg.SessionTimeout = 0
					case exactlyOnce:
						cfg.Assignor = Range
						cfg.TransactionalID = func(instance int) string { return fmt.Sprint(c.Namespace, "team-1.", instance) }
					}
					c.CreateTopic(t, cfg.Topic, 5, nil)
					r := start(t, cfg, 2)
					r.heard.until(t, "3 and 2", func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{3, 2}) })
					r.heard.until(t, "an old record", func(_ []Event, records map[string]int) bool {
						produce(t, c, cfg.Topic, 10, func(int) string { return "old" }) // latest begins at the topic's current end
						return len(records) > 0
					})

					if _, err := c.Admin(t).DeleteTopic(t.Context(), cfg.Topic); err != nil {
						t.Fatal(err)
					}
					r.heard.forget()
					c.CreateTopic(t, cfg.Topic, partitions, nil)
					produce(t, c, cfg.Topic, 200, func(int) string { return "new" })
					r.heard.until(t, "the new records", func(_ []Event, records map[string]int) bool {
						return within(records, partitions) == 200
					})

					r.heard.until(t, "the news", func(events []Event, _ map[string]int) bool {
						return slices.ContainsFunc(events, func(e Event) bool {
							return e.Kind == Recreated && len(e.Before) == 5 && len(e.Partitions) == partitions
						})
					})
					if e, ok := r.heard.find(func(e Event) bool { return e.Kind == Duplicate && e.After != Aborted || e.Kind == Closed }); ok {
						t.Errorf("nothing is read twice, and nobody goes: %+v", e)
					}
				})
			}
		}
	}
}

// within counts the records of the first partitions: old ones of others may come late.
func within(records map[string]int, partitions int) (n int) {
	for p := range partitions {
		for at := range records {
			if strings.HasPrefix(at, fmt.Sprint(p, ":")) {
				n++
			}
		}
	}
	return n
}

// forget drops the records so far.
func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.records = map[string]int{}
}
