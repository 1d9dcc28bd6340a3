package observe

import (
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// An unreadable batch is skipped; a timestamp in the future becomes now.
func TestABadBatchOnWorkshopControlIsPassedOver(t *testing.T) {
	r := newRoom(t, 1)
	control := r.ControlTopic()
	r.CreateTopic(t, control, 1, nil)
	next := watch(t, r.observer)
	client := r.Client(t)
	if err := r.ProduceBatch(t, client, control, 0, kafkatest.Bomb(t, 100)); err != nil {
		t.Fatal(err)
	}
	status := `{"rate":50,"achieved":49.5,"at":"2999-01-01T00:00:00.000Z"}`
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: control, Key: []byte("status"), Value: []byte(status)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s := await(t, next, "the status behind the bad batch", func(s game.Sweep) bool { return s.Load != nil && s.Load.Rate == 50 })
	if s.Load.At.After(time.Now()) {
		t.Errorf("the load was said at %s", s.Load.At)
	}
}
