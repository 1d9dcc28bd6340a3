package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Team 2 abuses its own topics and its own group. Team 1 still scores, its row is fresh, and the leaderboard stays small.
func TestOneTeamDoesNotStopTheRoom(t *testing.T) {
	c := kafkatest.New(t)
	w := newWork(t, c)
	p := start(t, c, postgrestest.URL(t))
	p.ready(t, http.StatusOK)

	bomb := kafkatest.Bomb(t, 500)
	large := kafkatest.WireRecord(0, make([]byte, 7<<20), []byte("{}"))
	key := kafkatest.Batch{Codec: 4, Count: 1, Time: time.Now(), Records: kafkatest.Compress(t, kgo.ZstdCompression(), large)}
	bad := 0
	for range 10 {
		for _, topic := range []string{c.Actions(2), c.Stats(2)} {
			for _, b := range []kafkatest.Batch{bomb, key} {
				if err := c.ProduceBatch(t, w.client, topic, 0, b); err != nil {
					t.Fatal(err)
				}
			}
			bad++
		}
	}
	wait.Until(t, "the instructor's page tells of it", func() bool {
		_, page := p.authorised(t, "/instructor")
		return strings.Contains(page, "cannot be read")
	})
	wait.For(t, "team 2's page says why its own do not count, before newer rejections take their place", func() error {
		var detail game.TeamDetail
		status, body := p.get("/api/teams/2")
		if err := json.Unmarshal([]byte(body), &detail); err != nil {
			return fmt.Errorf("%d: %w: %.300s", status, err, body)
		}
		if !strings.Contains(body, "cannot be read") {
			return fmt.Errorf("rejected: %+v", detail.Rejected)
		}
		return nil
	})
	for i := range 200 {
		joinAs(t, w.client, c.Group(2), strings.Repeat("x", 31_000)+strconv.Itoa(i))
	}

	// when team 1 works as usual
	if err := w.produce(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	most := 0.0
	p.until(t, "team 1's actions, on a fresh row", func(b game.Board) bool {
		mb, err := process.Resident(p.Process.Pid)
		if err != nil {
			lacks.Part(t, "this system does not say how much memory a process has: %v", err)
		}
		most = max(most, mb)
		one := b.Teams[0]
		n := one.Actions.Accepted + one.Actions.Rejected + one.Actions.Duplicate + one.Actions.Unverifiable
		return n == 101 && one.StaleSince == nil && b.StaleSince == nil && b.Teams[1].Actions.Rejected >= int64(bad)
	})
	if most > 256 {
		t.Errorf("the leaderboard has %.0f MB", most)
	}
	t.Logf("%.0f MB at most", most)

	// and the board stays small
	if _, body := p.get("/api/board"); len(body) > 200_000 {
		t.Errorf("/api/board has %d bytes", len(body))
	}
}

// joinAs joins as a member of the new protocol, which chooses its own id.
func joinAs(t *testing.T, client *kgo.Client, group, id string) {
	t.Helper()
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group, req.MemberID, req.RebalanceTimeoutMillis = group, id, 30_000
	req.SubscribedTopicNames, req.Topics = []string{"new_users"}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	resp, err := req.RequestWith(t.Context(), client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
